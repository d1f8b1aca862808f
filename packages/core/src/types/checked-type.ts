import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";
import type { AnyType, Types } from "./type-transformer.ts";

/** By its parts, not its class: a type may be of another copy of this package. */
export function isType(type: unknown): type is AnyType {
  return typeof type === "object" && type !== null && "literalType" in type && "toLiteral" in type;
}

/** What is wrong with something in the place of a type. */
export function noTypeText(type: unknown): string {
  const hint = typeof type === "function" ? ", or one that is called, such as t.file()" : "";
  return `is ${shown(type)}; give one of t, such as t.int${hint}`;
}

/**
 * A type that stands in another.
 * @param place where it stands, for the message: `t.list: the type of its items`.
 * @throws FlyteError `InvalidDefinition` for what is no type.
 */
export function checkedType<T extends AnyType>(place: string, type: T): T {
  if (isType(type)) return type;
  throw new FlyteError("InvalidDefinition", `${place} ${noTypeText(type)}`);
}

/**
 * The types of an object's fields, or of columns.
 * @param place what they belong to, and what they are: `t.object: the field`.
 * @throws FlyteError `InvalidDefinition` as `checkedType` does.
 */
export function checkedTypes<T extends Types>(place: string, types: T): T {
  for (const [name, type] of Object.entries(types)) checkedType(`${place} "${name}"`, type);
  return types;
}
