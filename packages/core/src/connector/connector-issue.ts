import { shown } from "../errors/shown.ts";

const ofJobs = ["create", "get", "delete"] as const;

/**
 * Why a value is no connector, for a sentence: `it has no meta, delete`; undefined for one that is. What a plugin loads is
 * another package's code, whose types nobody has checked, and is better refused by what it lacks than at the first request.
 */
export function connectorIssue(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return `it is ${shown(value)}`;
  const given = value as Readonly<Record<string, unknown>>;
  const answers = "do" in given;
  const needed = answers ? ["name", "do"] : ["name", "meta", ...ofJobs];
  const lacking = needed.filter((member) => given[member] === undefined || given[member] === null);
  if (lacking.length > 0) return `it has no ${lacking.join(", ")}`;
  const extra = ofJobs.find((member) => answers && member in given);
  if (extra !== undefined) return `it has do and ${extra}; a connector answers at once, or it runs jobs`;
  if (typeof given.name !== "string" || given.name === "") return `its name is ${shown(given.name)}; it must be a text`;
  const methods = answers ? ["do"] : ofJobs;
  const odd = methods.find((member) => typeof given[member] !== "function");
  if (odd !== undefined) return `its ${odd} is ${shown(given[odd])}; it must be a function`;
  return answers ? undefined : metaIssue(given.meta);
}

function metaIssue(meta: unknown): string | undefined {
  const { version, schema } = meta as { readonly version?: unknown; readonly schema?: unknown };
  if (!Number.isInteger(version) || Number(version) < 1) {
    return `its meta.version is ${shown(version)}; it must be a whole number from 1`;
  }
  const standard = (schema as { readonly "~standard"?: { readonly validate?: unknown } } | null | undefined)?.[
    "~standard"
  ];
  if (typeof standard?.validate === "function") return undefined;
  return `its meta.schema is ${shown(schema)}; it must be a schema of Standard Schema, such as metaSchema(…)`;
}
