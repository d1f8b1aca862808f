import type { ConversionContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { msgpackLiteral } from "../wire/literals.ts";
import type { Literal, LiteralType } from "../wire/messages.ts";
import { after } from "./collections.ts";
import { describedPart } from "./described-type.ts";
import { freePlain, freeValue, withoutMarks } from "./free-values.ts";
import { fieldTypes, struct } from "./json-schema-fields.ts";
import { encodePlain, type Plain } from "./plain.ts";
import {
  issueText,
  jsonSchemaOf,
  type SchemaInput,
  type SchemaOutput,
  type StandardResult,
  type StandardSchema,
} from "./standard-schema.ts";
import { type AnyType, type Awaitable, type JsonSchema, TypeTransformer } from "./type-transformer.ts";

/** A value that is given: nothing of it is changed, so arrays and objects in it may be read-only. */
type ReadOnly<T> = T extends Date | Uint8Array
  ? T
  : T extends readonly unknown[] | Readonly<Record<string, unknown>>
    ? { readonly [K in keyof T]: ReadOnly<T[K]> }
    : T;

/**
 * `t.schema(anyStandardSchema)`: a value that a schema of zod, valibot, arktype or any other library of the standard
 * describes; STRUCT, as msgpack.
 *
 * On the wire stands what the schema takes (its input), and a task receives what the schema makes of it (its output):
 * defaults, transformations and coercions happen where a value arrives. A value is validated on both ways, in the form
 * that it has on the wire: dates are ISO texts there, so that `z.coerce.date()` takes them and `z.date()` does not.
 */
export class StandardSchemaType<S extends StandardSchema> extends TypeTransformer<
  SchemaOutput<S>,
  ReadOnly<SchemaInput<S>>
> {
  readonly name = "Object-Dataclass-Transformer";
  readonly literalType: LiteralType;
  readonly schema: S;
  protected readonly described: JsonSchema | undefined;

  constructor(schema: S) {
    super();
    if (typeof schema?.["~standard"]?.validate !== "function") {
      throw new FlyteError(
        "InvalidDefinition",
        "t.schema takes a Standard Schema, as zod, valibot and arktype make them",
      );
    }
    this.schema = schema;
    this.described = jsonSchemaOf(schema);
    const dataclassType = fieldTypes(this.described);
    this.literalType = {
      ...struct(),
      ...(this.described === undefined ? {} : { metadata: this.described as NonNullable<LiteralType["metadata"]> }),
      ...(dataclassType === undefined
        ? {}
        : { structure: { $typeName: "flyteidl.core.TypeStructure" as const, tag: "", dataclassType } }),
    };
  }

  toLiteral(value: ReadOnly<SchemaInput<S>>, context: ConversionContext): Awaitable<Literal> {
    return after(this.toPlain(value, context), (plain) => msgpackLiteral(encodePlain(plain)));
  }
  toPlain(value: ReadOnly<SchemaInput<S>>, _context: ConversionContext): Awaitable<Plain> {
    const plain = freePlain(value, this.described);
    return after(this.validated(plain, "InvalidType"), () => plain);
  }
  fromPlain(value: Plain, _context: ConversionContext): Awaitable<SchemaOutput<S>> {
    return this.validated(value, "ConversionFailed");
  }
  jsonSchema(): JsonSchema {
    return this.described ?? {};
  }
  override partAt(step: string | number): AnyType | undefined {
    return describedPart(this.described, step);
  }
  protected fromLiteral(literal: Literal): Awaitable<SchemaOutput<S>> {
    const plain = freeValue(literal);
    if (plain === undefined) throw this.mismatchedLiteral(literal);
    return this.validated(plain, "ConversionFailed");
  }
  protected validated(plain: Plain, code: "InvalidType" | "ConversionFailed"): Awaitable<SchemaOutput<S>> {
    const { validate, vendor } = this.schema["~standard"];
    return after(validate(withoutMarks(plain)) as Awaitable<StandardResult<SchemaOutput<S>>>, (result) => {
      if (result.issues === undefined) return result.value;
      throw new FlyteError(code, `${result.issues.map(issueText).join("; ")} (${vendor})`);
    });
  }
}
