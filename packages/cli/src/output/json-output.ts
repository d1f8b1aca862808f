import { type AnyType, Dataset, FlyteDirectory, FlyteFile, formOf, type Types } from "@flyte-ts/core/plugin";
import type { JsonValue } from "../inputs/json.ts";

/**
 * Native values by name as JSON says them, such as `--inputs` takes them again: integers beyond 2^53 as texts of digits,
 * floats that JSON lacks as `"NaN"`, `"Infinity"`, `"-Infinity"`, times in ISO 8601, durations in milliseconds, bytes in
 * base64, files and folders as their path or URI, datasets as `{ uri, format }`.
 */
export function jsonOutputs(natives: Readonly<Record<string, unknown>>, types: Types): Record<string, JsonValue> {
  return Object.fromEntries(Object.entries(types).map(([name, type]) => [name, jsonOf(type, natives[name])]));
}

/** One native value as JSON. */
export function jsonOf(type: AnyType, native: unknown): JsonValue {
  if (native === null || native === undefined) return null;
  const form = formOf(type);
  switch (form.kind) {
    case "optional":
      return jsonOf(form.item, native);
    case "list":
      return (native as readonly unknown[]).map((item) => jsonOf(form.item, item));
    case "map":
      return Object.fromEntries(Object.entries(native).map(([key, item]) => [key, jsonOf(form.item, item)]));
    case "object":
      return jsonObject(native as Readonly<Record<string, unknown>>, form.fields);
    case "duration":
      // t.nanoseconds gives a bigint
      return typeof native === "bigint" ? Number(native) / 1e6 : plain(native);
    case "date":
      return (native as Date).toISOString().slice(0, 10);
    default:
      return plain(native);
  }
}

/** An object's fields; one that is left out (in a default, say) is left out here, too. */
function jsonObject(native: Readonly<Record<string, unknown>>, fields: Types): JsonValue {
  const there = Object.entries(fields).filter(([name]) => native[name] !== undefined);
  return jsonOutputs(native, Object.fromEntries(there));
}

/** A value of which only the value is known. */
function plain(value: unknown): JsonValue {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (FlyteFile.is(value) || FlyteDirectory.is(value)) return value.uri;
  if (Dataset.is(value)) return { uri: value.uri ?? null, format: value.format ?? null };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return String(value);
}
