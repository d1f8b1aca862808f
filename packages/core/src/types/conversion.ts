import type { ConversionContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { type Literal, LiteralMap } from "../wire/messages.ts";
import { at, ownValue } from "./collections.ts";
import type { AnyType, Types } from "./type-transformer.ts";

/**
 * The native values of literals, by name. Missing optional ones are `null`.
 * @throws FlyteError `ConversionFailed` that names the input, or whatever `what` says.
 */
export async function toNatives(
  literals: Readonly<Record<string, Literal>>,
  types: Types,
  context: ConversionContext,
  what: "input" | "output" = "input",
): Promise<Record<string, unknown>> {
  const entries = Object.entries(types).map(async ([name, type]) => {
    const literal = ownValue(literals, name);
    if (literal === undefined) return [name, missing(`${what} ${name}`, type)] as const;
    return [name, await converted(`${what} ${name}`, () => type.toNative(literal, context))] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

function missing(place: string, type: AnyType): null {
  if (type.isOptional) return null;
  throw new FlyteError("ConversionFailed", `${place}: there is no value (${type.name} is needed)`);
}

/**
 * The literals of native values, by name, in the order of the types.
 * @throws FlyteError `ConversionFailed` that names the output, or whatever `what` says; errors of a storage pass as they are.
 */
export async function toLiterals(
  natives: Readonly<Record<string, unknown>>,
  types: Types,
  context: ConversionContext,
  what: "input" | "output" = "output",
): Promise<LiteralMap> {
  const entries = Object.entries(types).map(async ([name, type]) => {
    return [name, await converted(`${what} ${name}`, () => type.toLiteral(ownValue(natives, name), context))] as const;
  });
  return LiteralMap.create({ literals: Object.fromEntries(await Promise.all(entries)) });
}

/** A wrong value at this border is no fault that another attempt mends, whoever made it. */
async function converted<R>(place: string, convert: () => R | Promise<R>): Promise<R> {
  try {
    return await at(place, convert);
  } catch (error) {
    if (!FlyteError.is(error) || error.code !== "InvalidType") throw error;
    throw new FlyteError("ConversionFailed", error.message, { cause: error });
  }
}
