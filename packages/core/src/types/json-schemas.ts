import { isRecord } from "./collections.ts";
import type { JsonSchema } from "./type-transformer.ts";

/**
 * True when an object of the schema `from` may be given where `to` is needed: the same schema, or one that has and
 * promises all that is needed, as flyteadmin's comparison has it (json-schema-compare, behind `isSuperTypeInJSON`). It
 * looks at what the schemas of objects are made of, and lets everything else pass.
 */
export function isSuperSchema(from: JsonSchema, to: JsonSchema): boolean {
  // what stands behind references, in schemas that others wrote, is not looked into
  if ("$ref" in from || "$ref" in to) return true;
  const types = [typesOf(from), typesOf(to)] as const;
  const isOpen = types[1].length === 0 && types[0].every((type) => type === "object");
  if (!isOpen && types[0].join() !== types[1].join()) return false;
  if (types[1].includes("string") && !sameText(from, to)) return false;
  if (types[1].includes("array") && isSchema(to.items)) {
    if (!isSchema(from.items) || !isSuperSchema(from.items, to.items)) return false;
  }
  if ((isOpen || types[1].includes("object")) && !hasFields(from, to)) return false;
  const variants = [schemasOf(from.anyOf), schemasOf(to.anyOf)] as const;
  if ((variants[0].length === 0) !== (variants[1].length === 0)) return false;
  return variants[0].every((given) => variants[1].some((needed) => isSuperSchema(given, needed)));
}

function sameText(from: JsonSchema, to: JsonSchema): boolean {
  if ((from.format ?? "") !== (to.format ?? "")) return false;
  if (!Array.isArray(to.enum)) return true;
  const values: readonly unknown[] = to.enum;
  return !Array.isArray(from.enum) || from.enum.every((value) => values.includes(value));
}

/** True when every field that is needed is there and promised. */
function hasFields(from: JsonSchema, to: JsonSchema): boolean {
  const promised: readonly unknown[] = Array.isArray(from.required) ? from.required : [];
  const needed: readonly unknown[] = Array.isArray(to.required) ? to.required : [];
  if (!needed.every((name) => promised.includes(name))) return false;
  const fields = isSchema(from.properties) ? from.properties : {};
  return Object.entries(isSchema(to.properties) ? to.properties : {}).every(([name, schema]) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return isSchema(field) && (!isSchema(schema) || isSuperSchema(field, schema));
  });
}

const isSchema = (value: unknown): value is JsonSchema => isRecord(value);

function schemasOf(value: unknown): readonly JsonSchema[] {
  return Array.isArray(value) ? value.filter(isSchema) : [];
}

function typesOf({ type }: JsonSchema): readonly unknown[] {
  return type === undefined ? [] : Array.isArray(type) ? [...type].sort() : [type];
}
