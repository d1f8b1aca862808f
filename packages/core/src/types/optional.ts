import type { ConversionContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { scalarOf } from "../wire/literals.ts";
import { type Literal, LiteralType } from "../wire/messages.ts";
import { after } from "./collections.ts";
import type { Plain } from "./plain.ts";
import { NoneType } from "./primitives.ts";
import { type Acceptance, type AnyType, type Awaitable, type JsonSchema, TypeTransformer } from "./type-transformer.ts";
import { tagged, unionLiteral, variantsOf } from "./unions.ts";

const none = new NoneType();

/**
 * `t.optional(t.x)`: a value, or `null` (`undefined` is taken for it): the union of a type and NONE. An optional union is
 * one union of all its variants, as in Python.
 */
export class OptionalType<Native, Accepted> extends TypeTransformer<Native | null, Accepted | null | undefined> {
  readonly name = "Typed Union";
  readonly literalType: LiteralType;
  readonly item: TypeTransformer<Native, Accepted>;
  /** What it brings into a union that it stands in. */
  readonly variants: readonly AnyType[];
  override readonly isOptional = true;
  protected readonly tags: readonly LiteralType[];

  constructor(item: TypeTransformer<Native, Accepted>) {
    super();
    if (item.isOptional) throw new FlyteError("InvalidDefinition", "t.optional of a type that is optional already");
    this.item = item;
    this.variants = [...variantsOf(item), none];
    this.tags = this.variants.map(tagged);
    this.literalType = LiteralType.create({ type: { case: "unionType", value: { variants: [...this.tags] } } });
  }

  toLiteral(value: Accepted | null | undefined, context: ConversionContext): Awaitable<Literal> {
    if (value === null || value === undefined) {
      return unionLiteral(none.toLiteral(null), this.tags.at(-1) as LiteralType);
    }
    const literal = this.item.toLiteral(value, context);
    return "variants" in this.item
      ? literal
      : after(literal, (made) => unionLiteral(made, this.tags[0] as LiteralType));
  }
  toPlain(value: Accepted | null | undefined, context: ConversionContext): Awaitable<Plain> {
    return value === null || value === undefined ? null : this.item.toPlain(value, context);
  }
  fromPlain(value: Plain, context: ConversionContext): Awaitable<Native | null> {
    return value === null ? null : this.item.fromPlain(value, context);
  }
  override accepts(value: unknown): Acceptance {
    return value === null || value === undefined ? "native" : this.item.accepts(value);
  }
  jsonSchema(): JsonSchema {
    return { anyOf: this.variants.map((variant) => variant.jsonSchema()) };
  }
  override partAt(step: string | number): AnyType | undefined {
    return this.item.partAt(step);
  }
  override toNative(literal: Literal, context: ConversionContext): Awaitable<Native | null> {
    const scalar = scalarOf(literal);
    const value = scalar?.case === "union" ? scalar.value.value : literal;
    if (value !== undefined && scalarOf(value)?.case === "noneType") return null;
    // An item that is a union reads which variant the literal names.
    return "variants" in this.item ? this.item.toNative(literal, context) : super.toNative(literal, context);
  }
  protected fromLiteral(literal: Literal, context: ConversionContext): Awaitable<Native | null> {
    return this.item.toNative(literal, context);
  }
}
