import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Where our messages differ from flytekit's on purpose: each rule turns what flytekit says into what we say. */

/** What stands in protobuf's JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Fields = { readonly [key: string]: Json };

/** One difference. */
export interface Difference {
  readonly reason: string;
  /** What stands in the place of a value, where the rule knows it; undefined to leave it out, the value itself otherwise. */
  rewrite(value: Json, key: string): Json | undefined;
  /** Whether what we say is rewritten as well: for what has several forms that mean the same. */
  readonly both?: true;
}

const isFields = (value: Json | undefined): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const equal = (a: Json, b: Json): boolean => JSON.stringify(a) === JSON.stringify(b);

/** A value with a rule applied to all of it, its innermost parts first. */
export function rewritten(value: Json, rule: Difference, key = ""): Json | undefined {
  if (Array.isArray(value)) {
    return rule.rewrite(
      value.flatMap((item: Json) => rewritten(item, rule, key) ?? []),
      key,
    );
  }
  if (!isFields(value)) return rule.rewrite(value, key);
  const entries = Object.entries(value).flatMap(([name, item]) => {
    const made = rewritten(item, rule, name);
    return made === undefined ? [] : [[name, made] as const];
  });
  return rule.rewrite(Object.fromEntries(entries), key);
}

/** The version of core, which stands in every template. */
const { version } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../packages/core/package.json"), "utf8"),
) as { readonly version: string };

/** Where our templates are compiled for. */
export const settings = { project: "p", domain: "d", version: "v", module: "workflows.ts", image: "img:1" } as const;

const settingsVariable = {
  key: "FLYTE_TS_SERIALIZATION_SETTINGS",
  value: Buffer.from(JSON.stringify({ ...settings, imageRegistry: "ghcr.io/flyte-ts" })).toString("base64"),
};

const resolvers: Readonly<Record<string, string>> = {
  "flytekit.core.python_auto_container.default_task_resolver": "flyte-ts.module",
  "flytekit.core.array_node_map_task.ArrayNodeMapTaskResolver": "flyte-ts.map",
};

/** The arguments of a container with our resolvers, and with what they find a task by. */
function loader(args: readonly string[]): string[] {
  const ours = args.map((arg) => resolvers[arg] ?? arg);
  const at = ours.indexOf("task-module");
  const [, folder, , name] = ours.slice(at);
  return [...ours.slice(0, at), "module", settings.module, "entity", `${folder}.${name}`];
}

/** What differs wherever it stands. */
export const everywhere: readonly Difference[] = [
  {
    reason: "A template says truthfully which SDK wrote it.",
    rewrite: (value, key) =>
      key === "runtime" && isFields(value) && value.flavor === "python"
        ? { type: "FLYTE_SDK", version: `1.16.0+flyte-ts.${version}`, flavor: "typescript" }
        : value,
  },
  {
    reason: "Our containers have our entrypoint, which finds a task in its module by name.",
    rewrite: (value, key) => {
      if (key !== "args" || !Array.isArray(value) || !/^pyflyte-(map-)?execute$/.test(String(value[0]))) return value;
      return ["flyte-ts-execute", ...loader(value.slice(1) as readonly string[])];
    },
  },
  {
    reason: "A dynamic task gets our settings with it.",
    rewrite: (value) => (isFields(value) && value.key === "_F_SS_C" ? settingsVariable : value),
  },
  {
    reason: "What nobody described has no description; flytekit gives it one that says nothing.",
    rewrite: (value, key) =>
      key === "description" && equal(value, { longDescription: { format: "DESCRIPTION_FORMAT_RST" } })
        ? undefined
        : value,
  },
  {
    reason:
      "flytekit lists the nodes that one waits for in the order of a Python set, which is another from run to run.",
    both: true,
    rewrite: (value, key) => (key === "upstreamNodeIds" && Array.isArray(value) ? [...value].sort() : value),
  },
];

/** A difference at one place: the value that flytekit has there, under its key, and ours. */
const instead = (reason: string, at: string, theirs: Json, ours: Json | undefined): Difference => ({
  reason,
  rewrite: (value, key) => (key === at && equal(value, theirs) ? ours : value),
});
const literal = (primitive: Fields): Json => ({ scalar: { primitive } });
/** A constant list in a binding, bare and as the variant of a union that it is. */
const variant = (reason: string, simple: string, items: readonly Json[]): Difference =>
  instead(
    reason,
    "binding",
    { collection: { bindings: items } },
    {
      scalar: {
        union: {
          value: { collection: { literals: items } },
          type: { collectionType: { simple }, structure: { tag: "Typed List" } },
        },
      },
    },
  );
const whichVariant = "A constant of a union says which variant it is; flytekit's do too, save lists.";
const anyJson = instead(
  "t.json takes lists, texts and numbers as well; Python's dict promises an object.",
  "free",
  { type: "object" },
  {},
);

/** What differs in one workflow, by its name. */
export const ofWorkflows: Readonly<Record<string, readonly Difference[]>> = {
  "corpus.graphs.gates": [
    instead(
      "A node's timeout holds for sleeping too: a sleep of five hours with flytekit's one hour would always fail.",
      "timeout",
      "3600s",
      "21600s",
    ),
  ],
  "corpus.starts.starts": [
    {
      reason:
        "flytekit says that a launch plan's node is not interruptible where nobody said so; unset leaves it open.",
      rewrite: (value) => {
        if (!isFields(value) || !isFields(value.workflowNode) || !isFields(value.metadata)) return value;
        const { interruptible: _, ...metadata } = value.metadata;
        return { ...value, metadata };
      },
    },
  ],
  "corpus.values.objects": [anyJson],
  "corpus.values.parts": [anyJson],
  "corpus.values.optionals": [variant(whichVariant, "INTEGER", [literal({ integer: "1" }), literal({ integer: "2" })])],
  "corpus.values.unions": [variant(whichVariant, "STRING", [literal({ stringValue: "x" })])],
};
