type Schema = Readonly<Record<string, unknown>>;

/**
 * What of a JSON value does not fit a JSON Schema, with its place; undefined where all does. Knows what declared types
 * say (`type`, `properties`, `required`, `items`, `additionalProperties`, `enum`, `anyOf`); other keywords count for
 * nothing. Fields that the schema does not name are no problem: services add fields.
 */
export function schemaProblem(value: unknown, schema: unknown, place = "the body"): string | undefined {
  if (!isRecord(schema)) return undefined;
  const { anyOf, type, required, properties, items, additionalProperties: others } = schema;
  if (Array.isArray(anyOf)) {
    if (anyOf.some((one) => schemaProblem(value, one, place) === undefined)) return undefined;
    return `${place} is ${shown(value)}, which none of its types takes`;
  }
  if (Array.isArray(schema.enum) && !schema.enum.includes(value)) {
    return `${place} is ${shown(value)}; it must be one of ${schema.enum.map(shown).join(", ")}`;
  }
  const kinds = [type].flat().filter((one) => typeof one === "string");
  if (kinds.length > 0 && !kinds.some((kind) => isOf(value, kind))) {
    return `${place} is ${shown(value)}; it must be ${kinds.join(" or ")}`;
  }
  if (Array.isArray(value))
    return first(value.entries(), ([at, item]) => schemaProblem(item, items, `${place}[${at}]`));
  if (!isRecord(value)) return undefined;
  const missing = Array.isArray(required) ? required.find((name) => !Object.hasOwn(value, name)) : undefined;
  if (missing !== undefined) return `${place} has no "${missing}"`;
  return first(Object.entries(value), ([name, field]) => {
    const known = isRecord(properties) && Object.hasOwn(properties, name) ? properties[name] : others;
    return schemaProblem(field, known, `${place}.${name}`);
  });
}

function first<T>(all: Iterable<T>, problem: (one: T) => string | undefined): string | undefined {
  for (const one of all) {
    const found = problem(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isOf(value: unknown, kind: string): boolean {
  switch (kind) {
    case "null":
      return value === null;
    case "boolean":
    case "string":
      return typeof value === kind;
    case "integer":
      return typeof value === "bigint" || Number.isInteger(value);
    case "number":
      return typeof value === "number" || typeof value === "bigint";
    case "array":
      return Array.isArray(value);
    case "object":
      return isRecord(value);
    default:
      return true;
  }
}

const isRecord = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function shown(value: unknown): string {
  const text = typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
