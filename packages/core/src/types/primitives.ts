import { SimpleType } from "@flyte-ts/idl/core";
import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";
import { noneLiteral, primitiveLiteral, primitiveOf, scalarLiteral, scalarOf } from "../wire/literals.ts";
import type { Literal, LiteralType } from "../wire/messages.ts";
import { type Plain, PlainFloat } from "./plain.ts";
import { type Acceptance, type JsonSchema, simpleType, TypeTransformer } from "./type-transformer.ts";

const int64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

/** The integer of a literal; floats lose their fraction, as the console sends integers as floats. */
function integerOf(literal: Literal): bigint | undefined {
  const primitive = primitiveOf(literal);
  if (primitive?.case === "integer") return primitive.value;
  if (primitive?.case === "floatValue" && Number.isFinite(primitive.value)) return BigInt(Math.trunc(primitive.value));
  return undefined;
}

/** The integer of a plain value. */
function plainInteger(value: Plain): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isFinite(value)) return BigInt(Math.trunc(value));
  return undefined;
}

function safe(value: number, original: number | bigint): number {
  if (Number.isSafeInteger(value)) return value;
  throw new FlyteError("InvalidType", `${original} is too large for t.int, which is exact up to 2^53; use t.bigint`);
}

/** `t.int`: an INTEGER as a safe JavaScript integer. */
export class IntType extends TypeTransformer<number> {
  readonly name = "int";
  readonly literalType: LiteralType = simpleType(SimpleType.INTEGER);

  toLiteral(value: number): Literal {
    return primitiveLiteral({ case: "integer", value: BigInt(this.toPlain(value)) });
  }
  toPlain(value: number): number {
    if (typeof value !== "number" || !Number.isInteger(value)) throw this.mismatch(value, "an integer");
    return safe(value, value);
  }
  fromPlain(value: Plain): number {
    const integer = plainInteger(value);
    if (integer === undefined) throw this.mismatchedPlain(value);
    return safe(Number(integer), integer);
  }
  override accepts(value: unknown): Acceptance {
    return Number.isInteger(value) ? "native" : "no";
  }
  jsonSchema(): JsonSchema {
    return { type: "integer" };
  }
  protected fromLiteral(literal: Literal): number {
    const integer = integerOf(literal);
    if (integer === undefined) throw this.mismatchedLiteral(literal);
    return safe(Number(integer), integer);
  }
}

/** `t.bigint`: an INTEGER as a bigint, exact over all 64 bits. Safe numbers are accepted too. */
export class BigIntType extends TypeTransformer<bigint, bigint | number> {
  readonly name = "int";
  readonly literalType: LiteralType = simpleType(SimpleType.INTEGER);

  toLiteral(value: bigint | number): Literal {
    return primitiveLiteral({ case: "integer", value: this.toPlain(value) });
  }
  toPlain(value: bigint | number): bigint {
    if (typeof value !== "bigint" && !Number.isSafeInteger(value)) throw this.mismatch(value, "a bigint");
    const integer = BigInt(value);
    if (integer < int64.min || integer > int64.max) throw this.mismatch(value, "an integer of 64 bits");
    return integer;
  }
  fromPlain(value: Plain): bigint {
    const integer = plainInteger(value);
    if (integer === undefined) throw this.mismatchedPlain(value);
    return integer;
  }
  override accepts(value: unknown): Acceptance {
    if (typeof value === "bigint") return "native";
    return Number.isInteger(value) ? "converted" : "no";
  }
  jsonSchema(): JsonSchema {
    return { type: "integer" };
  }
  protected fromLiteral(literal: Literal): bigint {
    const integer = integerOf(literal);
    if (integer === undefined) throw this.mismatchedLiteral(literal);
    return integer;
  }
}

/** `t.float`: a FLOAT. */
export class FloatType extends TypeTransformer<number> {
  readonly name = "float";
  readonly literalType: LiteralType = simpleType(SimpleType.FLOAT);

  toLiteral(value: number): Literal {
    if (typeof value !== "number") throw this.mismatch(value, "a number");
    return primitiveLiteral({ case: "floatValue", value });
  }
  toPlain(value: number): Plain {
    if (typeof value !== "number") throw this.mismatch(value, "a number");
    return new PlainFloat(value);
  }
  fromPlain(value: Plain): number {
    if (typeof value !== "number" && typeof value !== "bigint") throw this.mismatchedPlain(value);
    return Number(value);
  }
  override accepts(value: unknown): Acceptance {
    return typeof value === "number" ? "native" : "no";
  }
  jsonSchema(): JsonSchema {
    return { type: "number" };
  }
  protected fromLiteral(literal: Literal): number {
    const primitive = primitiveOf(literal);
    if (primitive?.case !== "floatValue" && primitive?.case !== "integer") throw this.mismatchedLiteral(literal);
    return Number(primitive.value);
  }
}

/** `t.string`: a STRING. */
export class StringType extends TypeTransformer<string> {
  readonly name: string = "str";
  readonly literalType: LiteralType = simpleType(SimpleType.STRING);

  toLiteral(value: string): Literal {
    return primitiveLiteral({ case: "stringValue", value: this.toPlain(value) });
  }
  toPlain(value: string): string {
    if (typeof value !== "string") throw this.mismatch(value, "a string");
    // protobuf would put U+FFFD in the place of half a surrogate pair without a word
    if (!value.isWellFormed()) throw this.mismatch(value, "a string of whole characters (no lone surrogate)");
    return value;
  }
  fromPlain(value: Plain): string {
    if (typeof value !== "string") throw this.mismatchedPlain(value);
    return value;
  }
  override accepts(value: unknown): Acceptance {
    return typeof value === "string" ? "native" : "no";
  }
  jsonSchema(): JsonSchema {
    return { type: "string" };
  }
  protected fromLiteral(literal: Literal): string {
    const primitive = primitiveOf(literal);
    if (primitive?.case !== "stringValue") throw this.mismatchedLiteral(literal);
    return primitive.value;
  }
}

/** `t.boolean`: a BOOLEAN. */
export class BooleanType extends TypeTransformer<boolean> {
  readonly name = "bool";
  readonly literalType: LiteralType = simpleType(SimpleType.BOOLEAN);

  toLiteral(value: boolean): Literal {
    return primitiveLiteral({ case: "boolean", value: this.toPlain(value) });
  }
  toPlain(value: boolean): boolean {
    if (typeof value !== "boolean") throw this.mismatch(value, "true or false");
    return value;
  }
  fromPlain(value: Plain): boolean {
    if (typeof value !== "boolean") throw this.mismatchedPlain(value);
    return value;
  }
  override accepts(value: unknown): Acceptance {
    return typeof value === "boolean" ? "native" : "no";
  }
  jsonSchema(): JsonSchema {
    return { type: "boolean" };
  }
  protected fromLiteral(literal: Literal): boolean {
    const primitive = primitiveOf(literal);
    if (primitive?.case !== "boolean") throw this.mismatchedLiteral(literal);
    return primitive.value;
  }
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** `t.bytes`: a BINARY, as it stands. */
export class BytesType extends TypeTransformer<Uint8Array> {
  readonly name = "bytes";
  readonly literalType: LiteralType = simpleType(SimpleType.BINARY);

  toLiteral(value: Uint8Array): Literal {
    const bytes = new Uint8Array(this.toPlain(value));
    return scalarLiteral({ case: "binary", value: { $typeName: "flyteidl.core.Binary", value: bytes, tag: "" } });
  }
  toPlain(value: Uint8Array): Uint8Array {
    if (!(value instanceof Uint8Array)) throw this.mismatch(value, "a Uint8Array");
    return value;
  }
  fromPlain(value: Plain): Uint8Array {
    // JSON, and so a Struct, has no bytes: Python's dataclasses write base64 there
    if (typeof value === "string" && base64.test(value)) return new Uint8Array(Buffer.from(value, "base64"));
    if (!(value instanceof Uint8Array)) throw this.mismatchedPlain(value);
    // a copy: the literal's own bytes are those of every task that receives the value
    return new Uint8Array(value);
  }
  override accepts(value: unknown): Acceptance {
    return value instanceof Uint8Array ? "native" : "no";
  }
  jsonSchema(): JsonSchema {
    return { type: "string", format: "base64" };
  }
  protected fromLiteral(literal: Literal): Uint8Array {
    const scalar = scalarOf(literal);
    if (scalar?.case !== "binary") {
      const primitive = primitiveOf(literal);
      if (primitive?.case === "stringValue") return this.fromPlain(primitive.value);
      throw this.mismatchedLiteral(literal);
    }
    return new Uint8Array(scalar.value.value);
  }
}

/** `t.none`: no value. */
export class NoneType extends TypeTransformer<null, null | undefined> {
  readonly name = "none";
  readonly literalType: LiteralType = simpleType(SimpleType.NONE);
  override readonly isOptional = true;

  toLiteral(value: null | undefined): Literal {
    this.toPlain(value);
    return noneLiteral();
  }
  toPlain(value: null | undefined): null {
    if (value !== null && value !== undefined) throw this.mismatch(value, "no value");
    return null;
  }
  fromPlain(value: Plain): null {
    if (value !== null) throw this.mismatchedPlain(value);
    return null;
  }
  override accepts(value: unknown): Acceptance {
    return value === null || value === undefined ? "native" : "no";
  }
  jsonSchema(): JsonSchema {
    return { type: "null" };
  }
  protected fromLiteral(literal: Literal): null {
    if (scalarOf(literal)?.case !== "noneType") throw this.mismatchedLiteral(literal);
    return null;
  }
}

const enumError = (what: string): FlyteError => new FlyteError("InvalidDefinition", `t.enum ${what}`);

/** `t.enum(["a", "b"])`: one of some strings. */
export class EnumType<Value extends string> extends TypeTransformer<Value> {
  readonly name = "DefaultEnumTransformer";
  readonly literalType: LiteralType;
  readonly values: readonly Value[];

  constructor(values: readonly Value[]) {
    super();
    if (values.length === 0) throw enumError("needs at least one value");
    for (const [index, value] of values.entries()) {
      if (typeof value !== "string") throw enumError(`takes strings only, not ${shown(value)}`);
      if (values.indexOf(value) !== index) throw enumError(`has ${shown(value)} twice`);
    }
    this.values = values;
    const type = simpleType(SimpleType.STRING);
    this.literalType = {
      ...type,
      type: { case: "enumType", value: { $typeName: "flyteidl.core.EnumType", values: [...values] } },
    };
  }

  toLiteral(value: Value): Literal {
    return primitiveLiteral({ case: "stringValue", value: this.toPlain(value) });
  }
  toPlain(value: Value): Value {
    if (!this.values.includes(value)) throw this.mismatch(value, `one of ${this.values.map(shown).join(", ")}`);
    return value;
  }
  fromPlain(value: Plain): Value {
    const found = this.values.find((candidate) => candidate === value);
    if (found === undefined) throw this.mismatchedPlain(value);
    return found;
  }
  override accepts(value: unknown): Acceptance {
    return this.values.some((known) => known === value) ? "native" : "no";
  }
  jsonSchema(): JsonSchema {
    return { enum: [...this.values] };
  }
  protected fromLiteral(literal: Literal): Value {
    const primitive = primitiveOf(literal);
    if (primitive?.case !== "stringValue") throw this.mismatchedLiteral(literal);
    return this.fromPlain(primitive.value);
  }
}
