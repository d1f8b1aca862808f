import type { TableField } from "../client.ts";
import { microsOf } from "./moments.ts";

/**
 * A record or repeated cell as JSON text: the fields in the table's order, integers with all their digits, moments as ISO
 * 8601, NaN and the infinities as texts, bytes in base64.
 */
export function jsonOf(field: TableField, cell: unknown): string {
  if (cell === null || cell === undefined) return "null";
  if (field.repeated) {
    const items = Array.isArray(cell) ? (cell as readonly { readonly v?: unknown }[]) : [];
    const item = { ...field, repeated: false };
    return `[${items.map(({ v }) => jsonOf(item, v)).join(",")}]`;
  }
  if (field.fields.length > 0) {
    const { f = [] } = cell as { readonly f?: readonly { readonly v?: unknown }[] };
    const parts = field.fields.map((inner, at) => `${JSON.stringify(inner.name)}:${jsonOf(inner, f[at]?.v)}`);
    return `{${parts.join(",")}}`;
  }
  const text = String(cell);
  switch (field.type) {
    case "INTEGER":
    case "INT64":
    case "JSON":
      return text;
    case "FLOAT":
    case "FLOAT64":
      return Number.isFinite(Number(text)) ? JSON.stringify(Number(text)) : JSON.stringify(text);
    case "BOOLEAN":
    case "BOOL":
      return text.toLowerCase() === "true" ? "true" : "false";
    case "TIMESTAMP":
      return JSON.stringify(isoText(text));
    default:
      return JSON.stringify(text);
  }
}

/** A moment in ISO 8601, with microseconds where there are some. */
function isoText(text: string): string {
  const micros = microsOf(text);
  if (micros === undefined) return text;
  const below = ((micros % 1000n) + 1000n) % 1000n;
  const iso = new Date(Number((micros - below) / 1000n)).toISOString();
  return below === 0n ? iso : iso.replace("Z", `${String(below).padStart(3, "0")}Z`);
}
