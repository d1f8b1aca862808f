/** What Python's `str()` and `json.dumps` give: the texts that flytekit's webhook pastes into a request. */
import { PlainFloat, pythonFloatText } from "@flyte-ts/core/plugin";
import type { Value } from "./value.ts";

/** `str()` of a value: a string is itself, `None`, `True`, a float always with a point or exponent, lists as their `repr`. */
export function pythonText(value: Value): string {
  return typeof value === "string" ? value : repr(value);
}

function repr(value: Value): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "bigint" || typeof value === "number") return String(value);
  if (typeof value === "string") return quoted(value);
  if (value instanceof PlainFloat) return pythonFloatText(value.value);
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(repr).join(", ")}]`;
  const entries = Object.entries(value as { readonly [key: string]: Value });
  return `{${entries.map(([key, item]) => `${quoted(key)}: ${repr(item)}`).join(", ")}}`;
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t");
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

/** `json.dumps` as it is by default: spaces behind commas and colons, and nothing but ASCII. */
export function jsonOfPython(value: Value): string {
  if (value instanceof PlainFloat) return pythonFloatText(value.value);
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(jsonOfPython).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value as { readonly [key: string]: Value });
    return `{${entries.map(([key, item]) => `${ascii(JSON.stringify(key))}: ${jsonOfPython(item)}`).join(", ")}}`;
  }
  return ascii(JSON.stringify(value));
}

const ascii = (json: string): string =>
  json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
