import { SimpleType } from "@flyte-ts/idl/core";
import type { ConversionContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";
import type { Literal, LiteralType } from "../wire/messages.ts";
import type { Plain } from "./plain.ts";
import { BooleanType, FloatType, IntType, StringType } from "./primitives.ts";
import { type Acceptance, type AnyType, type Awaitable, type JsonSchema, TypeTransformer } from "./type-transformer.ts";

/** What a literal union is made of. */
export type LiteralValue = string | number | boolean;

/**
 * `t.literal("a", "b")`: one of some strings, numbers or booleans, as Python's `Literal[…]`. On the wire the type is that of
 * the values, and an annotation lists them; Flyte does not look at it, so that values are checked here, on both ways.
 */
export class LiteralUnionType<Value extends LiteralValue> extends TypeTransformer<Value> {
  readonly name = "LiteralTypeTransformer";
  readonly literalType: LiteralType;
  readonly values: readonly Value[];
  protected readonly base: TypeTransformer<LiteralValue>;

  /**
   * @param floats whether numbers are floats even where none has a fraction.
   * @throws FlyteError `InvalidDefinition` for no values, values of two types, or a number that is not finite.
   */
  constructor(values: readonly Value[], floats = false) {
    super();
    this.values = values;
    this.base = baseOf(values, floats) as TypeTransformer<LiteralValue>;
    const annotation = {
      $typeName: "flyteidl.core.TypeAnnotation" as const,
      annotations: { literal_values: [...values] },
    };
    this.literalType = { ...this.base.literalType, annotation };
  }

  toLiteral(value: Value, context: ConversionContext): Awaitable<Literal> {
    return this.base.toLiteral(this.checked(value), context);
  }
  toPlain(value: Value, context: ConversionContext): Awaitable<Plain> {
    return this.base.toPlain(this.checked(value), context);
  }
  fromPlain(value: Plain, context: ConversionContext): Value {
    return this.found(this.base.fromPlain(value, context));
  }
  override accepts(value: unknown): Acceptance {
    return this.values.some((known) => known === value) ? "native" : "no";
  }
  jsonSchema(): JsonSchema {
    return { enum: [...this.values] };
  }
  protected fromLiteral(literal: Literal, context: ConversionContext): Value {
    return this.found(this.base.toNative(literal, context));
  }
  protected checked(value: Value): Value {
    if (!this.values.includes(value)) throw this.mismatch(value, this.expected());
    return value;
  }
  protected found(value: unknown): Value {
    const found = this.values.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    throw new FlyteError("ConversionFailed", `expected ${this.expected()}, got ${shown(value)}`);
  }
  protected expected(): string {
    return this.values.length === 1 ? shown(this.values[0]) : `one of ${this.values.map(shown).join(", ")}`;
  }
}

function baseOf(values: readonly LiteralValue[], floats: boolean): AnyType {
  const [first] = values;
  if (first === undefined) throw new FlyteError("InvalidDefinition", "t.literal needs at least one value");
  const other = values.find((value) => typeof value !== typeof first);
  if (other !== undefined) {
    throw new FlyteError(
      "InvalidDefinition",
      `t.literal has ${shown(first)} and ${shown(other)}; all values must be of one type`,
    );
  }
  if (typeof first === "string") return new StringType();
  if (typeof first === "boolean") return new BooleanType();
  const endless = values.find((value) => !Number.isFinite(value));
  if (endless !== undefined) {
    throw new FlyteError("InvalidDefinition", `t.literal has ${shown(endless)}; numbers must be finite`);
  }
  return !floats && values.every((value) => Number.isSafeInteger(value)) ? new IntType() : new FloatType();
}

/** The literal union that a type's annotation lists; undefined for every other type. */
export function literalUnionOf({ type, annotation }: LiteralType): AnyType | undefined {
  const values = annotation?.annotations?.literal_values;
  if (type.case !== "simple" || !Array.isArray(values) || values.length === 0) return undefined;
  const known = values.filter((value) => ["string", "number", "boolean"].includes(typeof value)) as LiteralValue[];
  if (known.length < values.length || known.some((value) => typeof value !== typeof known[0])) return undefined;
  // A Struct does not tell 1.0 from 1: whether numbers are integers says the type.
  return new LiteralUnionType(known, type.value === SimpleType.FLOAT);
}
