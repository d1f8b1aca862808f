import { FlyteError } from "../errors/flyte-error.ts";
import { msgpackLiteral } from "../wire/literals.ts";
import type { Literal, LiteralType } from "../wire/messages.ts";
import { freePlain, freeValue } from "./free-values.ts";
import { literalTypeOf, schemaPart } from "./json-schema-fields.ts";
import { encodePlain, type Plain } from "./plain.ts";
import { type AnyType, type JsonSchema, TypeTransformer } from "./type-transformer.ts";

/**
 * A STRUCT of which a JSON Schema is known and no declaration: what the engine guesses for another SDK's dataclass, and a
 * part of a `t.schema` value. The schema says which numbers are floats; it validates nothing.
 */
export class DescribedType extends TypeTransformer<unknown> {
  readonly name = "Object-Dataclass-Transformer";
  readonly literalType: LiteralType;
  protected readonly described: JsonSchema;

  constructor(described: JsonSchema, literalType: LiteralType) {
    super();
    this.described = described;
    this.literalType = literalType;
  }

  toLiteral(value: unknown): Literal {
    return msgpackLiteral(encodePlain(this.toPlain(value)));
  }
  toPlain(value: unknown): Plain {
    return freePlain(value, this.described);
  }
  fromPlain(value: Plain): unknown {
    return value;
  }
  jsonSchema(): JsonSchema {
    return this.described;
  }
  override partAt(step: string | number): AnyType {
    return describedPart(this.described, step);
  }
  protected fromLiteral(literal: Literal): unknown {
    const plain = freeValue(literal);
    if (plain === undefined) throw this.mismatchedLiteral(literal);
    return plain;
  }
}

/**
 * The part of a described value that an attribute path names.
 * @throws FlyteError `InvalidDefinition` for a field that the schema does not have.
 */
export function describedPart(schema: JsonSchema | undefined, step: string | number): AnyType {
  const properties = schemaPart(schema, "properties");
  const others = schemaPart(schema, "additionalProperties");
  if (properties !== undefined && others === undefined && !Object.hasOwn(properties, step)) {
    const known = Object.keys(properties).join(", ");
    throw new FlyteError("InvalidDefinition", `there is no field "${step}"; the schema has ${known || "none"}`);
  }
  const part = typeof step === "number" ? schemaPart(schema, "items") : (schemaPart(properties, step) ?? others);
  return new DescribedType(part ?? {}, literalTypeOf(part ?? {}));
}
