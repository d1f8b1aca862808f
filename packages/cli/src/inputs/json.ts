import { FlyteError } from "@flyte-ts/core/plugin";

/** A value as JSON or YAML says it; an integer that no number holds exactly is a bigint. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/**
 * The value of a JSON text. Integers beyond 2^53 come as bigints, with all of their digits.
 * @param place what messages begin with.
 * @param wanted what would be right, for messages.
 * @throws FlyteError `InvalidInput` that says where it is wrong.
 */
export function parseJson(text: string, place: string, wanted?: string): JsonValue {
  try {
    return JSON.parse(text, exact) as JsonValue;
  } catch (cause) {
    const hint = wanted === undefined ? "" : `; it must be ${wanted}`;
    throw new FlyteError("InvalidInput", `${place} is not JSON: ${(cause as Error).message}${hint}`, { cause });
  }
}

/** A reviver's third argument, which TypeScript's library does not have yet. */
interface Source {
  readonly source?: string;
}

function exact(_key: string, value: unknown, context?: Source): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/**
 * The value of a YAML text (1.2, of which JSON is a part).
 * @throws FlyteError `InvalidInput` that says where it is wrong.
 */
export async function parseYaml(text: string, place: string): Promise<JsonValue> {
  const { parse } = await import("yaml");
  try {
    return narrowed(parse(text, { intAsBigInt: true }));
  } catch (cause) {
    const [first = ""] = (cause as Error).message.split("\n");
    throw new FlyteError("InvalidInput", `${place} is not YAML: ${first.replace(/:$/, "")}`, { cause });
  }
}

function narrowed(value: unknown): JsonValue {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(narrowed);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, narrowed(item)]));
  }
  return value as JsonValue;
}

/** A value in a message: short. */
export function shownJson(value: JsonValue | undefined): string {
  const text =
    JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? `${item}` : item)) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** True for an object with values by name. */
export function isObject(value: JsonValue | undefined): value is { readonly [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
