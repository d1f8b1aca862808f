/** A value in a message: short, with its type. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  const text = typeof value === "string" ? JSON.stringify(value) : describe(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function describe(value: unknown): string {
  if (typeof value !== "object") return String(value);
  const name = value?.constructor?.name;
  if (name !== undefined && name !== "Object" && name !== "Array") return `a ${name}`;
  try {
    return JSON.stringify(value);
  } catch {
    return "an object";
  }
}
