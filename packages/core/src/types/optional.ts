import type { ConversionContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { scalarLiteral, scalarOf } from "../wire/literals.ts";
import { type Literal, LiteralType } from "../wire/messages.ts";
import { after } from "./collections.ts";
import type { Plain } from "./plain.ts";
import { NoneType } from "./primitives.ts";
import { type AnyType, type Awaitable, type JsonSchema, TypeTransformer } from "./type-transformer.ts";

/** A literal type with the tag of a union's variant; flytekit drops whatever else stood in `structure`. */
function tagged(type: AnyType): LiteralType {
  return {
    ...type.literalType,
    structure: { $typeName: "flyteidl.core.TypeStructure", tag: type.name, dataclassType: {} },
  };
}

/** A literal wrapped as the value of a union's variant. */
function unionLiteral(value: Literal, type: AnyType): Literal {
  return scalarLiteral({ case: "union", value: { $typeName: "flyteidl.core.Union", value, type: tagged(type) } });
}

const none = new NoneType();

/** `t.optional(t.x)`: a value, or `null` (`undefined` is taken for it): the union of a type and NONE. */
export class OptionalType<Native, Accepted> extends TypeTransformer<Native | null, Accepted | null | undefined> {
  readonly name = "Union";
  readonly literalType: LiteralType;
  readonly item: TypeTransformer<Native, Accepted>;
  override readonly isOptional = true;

  constructor(item: TypeTransformer<Native, Accepted>) {
    super();
    if (item.isOptional) throw new FlyteError("InvalidDefinition", "t.optional of a type that is optional already");
    this.item = item;
    this.literalType = LiteralType.create({
      type: { case: "unionType", value: { variants: [tagged(item), tagged(none)] } },
    });
  }

  toLiteral(value: Accepted | null | undefined, context: ConversionContext): Awaitable<Literal> {
    if (value === null || value === undefined) return unionLiteral(none.toLiteral(null), none);
    return after(this.item.toLiteral(value, context), (literal) => unionLiteral(literal, this.item));
  }
  toPlain(value: Accepted | null | undefined, context: ConversionContext): Awaitable<Plain> {
    return value === null || value === undefined ? null : this.item.toPlain(value, context);
  }
  fromPlain(value: Plain, context: ConversionContext): Awaitable<Native | null> {
    return value === null ? null : this.item.fromPlain(value, context);
  }
  jsonSchema(): JsonSchema {
    return { anyOf: [this.item.jsonSchema(), { type: "null" }] };
  }
  protected fromLiteral(literal: Literal, context: ConversionContext): Awaitable<Native | null> {
    return scalarOf(literal)?.case === "noneType" ? null : this.item.toNative(literal, context);
  }
}
