import { SimpleType } from "@flyte-ts/idl/core";
import type { ConversionContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";
import { msgpackLiteral } from "../wire/literals.ts";
import { type Literal, LiteralType } from "../wire/messages.ts";
import { after, at, isRecord, mapValues, ownValue } from "./collections.ts";
import { freeValue } from "./free-values.ts";
import { encodePlain, type Plain } from "./plain.ts";
import { msgpackAnnotation } from "./struct-annotation.ts";
import {
  type Acceptance,
  type AcceptedOf,
  type AnyType,
  type Awaitable,
  hasDefault,
  type JsonSchema,
  type NativeOf,
  type OmittableKeys,
  simpleType,
  type Types,
  TypeTransformer,
} from "./type-transformer.ts";

/** The object that a task receives for fields. */
export type NativeObject<Fields extends Types> = { -readonly [K in keyof Fields]: NativeOf<Fields[K]> };

/** The object that may be given for fields: optional ones and those with a default may be left out. */
export type AcceptedObject<Fields extends Types> = {
  readonly [K in Exclude<keyof Fields, OmittableKeys<Fields>>]: AcceptedOf<Fields[K]>;
} & { readonly [K in OmittableKeys<Fields>]?: AcceptedOf<Fields[K]> | undefined };

/** `t.object({ … })`: an object with typed fields, as flytekit's dataclasses: STRUCT, as msgpack in field order. */
export class ObjectType<Fields extends Types> extends TypeTransformer<NativeObject<Fields>, AcceptedObject<Fields>> {
  readonly name = "Object-Dataclass-Transformer";
  readonly literalType: LiteralType;
  readonly fields: Fields;
  readonly title: string;

  constructor(fields: Fields, title: string) {
    super();
    this.fields = fields;
    this.title = title;
    const dataclassType = Object.fromEntries(Object.entries(fields).map(([key, type]) => [key, type.literalType]));
    const type = LiteralType.create({
      type: { case: "simple", value: SimpleType.STRUCT },
      structure: { dataclassType },
    });
    this.literalType = {
      ...type,
      metadata: JSON.parse(JSON.stringify(this.jsonSchema())),
      annotation: msgpackAnnotation,
    };
  }

  toLiteral(value: AcceptedObject<Fields>, context: ConversionContext): Awaitable<Literal> {
    return after(this.toPlain(value, context), (plain) => msgpackLiteral(encodePlain(plain)));
  }
  toPlain(value: AcceptedObject<Fields>, context: ConversionContext): Awaitable<Plain> {
    if (!isRecord<unknown>(value)) throw this.mismatch(value, `an object with the fields ${this.fieldNames()}`);
    const unknown = Object.keys(value).find((key) => !Object.hasOwn(this.fields, key));
    if (unknown !== undefined) {
      throw new FlyteError("InvalidType", `there is no field "${unknown}"; the fields are ${this.fieldNames()}`);
    }
    return mapValues<AnyType, Plain>(this.fields, (type, key) => type.toPlain(this.given(value, key, type), context));
  }
  fromPlain(value: Plain, context: ConversionContext): Awaitable<NativeObject<Fields>> {
    if (!isRecord<Plain>(value)) throw this.mismatchedPlain(value);
    const natives = mapValues<AnyType, unknown>(this.fields, (type, key) => {
      const field = ownValue(value, key);
      if (field !== undefined) return type.fromPlain(field, context);
      if (hasDefault(type)) return type.defaultValue;
      if (type.isOptional) return null;
      throw new FlyteError("ConversionFailed", `the field is missing in ${shown(value)}`);
    });
    return natives as Awaitable<NativeObject<Fields>>;
  }
  override accepts(value: unknown): Acceptance {
    return isRecord(value) ? "native" : "no";
  }
  jsonSchema(): JsonSchema {
    const fields = Object.entries(this.fields);
    const required = fields.filter(([, type]) => !hasDefault(type) && !type.isOptional).map(([key]) => key);
    return {
      type: "object",
      title: this.title,
      properties: Object.fromEntries(
        fields.map(([key, type]) => [key, { ...type.jsonSchema(), ...schemaDefault(type) }]),
      ),
      additionalProperties: false,
      ...(required.length === 0 ? {} : { required }),
    };
  }
  protected fromLiteral(literal: Literal): never {
    throw this.mismatchedLiteral(literal);
  }
  protected given(value: Readonly<Record<string, unknown>>, key: string, type: AnyType): unknown {
    const field = ownValue(value, key);
    if (field === undefined && hasDefault(type)) return type.defaultValue;
    if (field === undefined && !type.isOptional) throw new FlyteError("InvalidType", "a value is missing");
    return field;
  }
  protected fieldNames(): string {
    return Object.keys(this.fields).join(", ");
  }
}

/** The default of a field in its schema, where JSON can say it: that of an optional one is null, as in dataclasses. */
function schemaDefault(type: AnyType): { readonly default?: unknown } {
  if (!hasDefault(type)) return type.isOptional ? { default: null } : {};
  const value = type.defaultValue;
  return value === null || ["string", "number", "boolean"].includes(typeof value) ? { default: value } : {};
}

/** What JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** JSON that is given: nothing of it is changed, so arrays and objects may be read-only. */
export type AcceptedJson =
  | null
  | boolean
  | number
  | string
  | readonly AcceptedJson[]
  | { readonly [key: string]: AcceptedJson };

/** How deep a JSON value may be: Python's msgpack refuses more than 1,024 levels. */
const maxJsonDepth = 500;
const maxNamedDepth = 20;
const tooDeep = `JSON may be ${maxJsonDepth} levels deep; this value is deeper, or holds itself`;

/** `t.json`: any JSON value; STRUCT without a schema, as flytekit's untyped dictionaries. */
export class JsonType extends TypeTransformer<Json, AcceptedJson> {
  readonly name = "Typed Dict";
  readonly literalType: LiteralType = {
    ...simpleType(SimpleType.STRUCT),
    annotation: msgpackAnnotation,
  };

  toLiteral(value: AcceptedJson): Literal {
    return msgpackLiteral(encodePlain(this.toPlain(value)));
  }
  toPlain(value: AcceptedJson): Plain {
    return this.checked(value, 0);
  }
  fromPlain(value: Plain): Json {
    return value as Json;
  }
  jsonSchema(): JsonSchema {
    return {};
  }
  protected fromLiteral(literal: Literal): Json {
    const plain = freeValue(literal);
    if (plain === undefined) throw this.mismatchedLiteral(literal);
    return this.fromPlain(plain);
  }
  protected checked(value: unknown, depth: number): Plain {
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "string" && value.isWellFormed()) return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    // what Python wrote beyond 2^53 is read as a bigint, and may be passed on
    if (typeof value === "bigint" && BigInt.asIntN(64, value) === value) return value;
    if (depth > maxJsonDepth) throw new FlyteError("InvalidType", tooDeep);
    if (Array.isArray(value)) return value.map((item, index) => this.item(item, index, depth));
    if (isRecord<unknown>(value)) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.item(item, key, depth)]));
    }
    throw this.mismatch(value, "what JSON can say");
  }
  /** A part that is checked, with an error that names its place. */
  protected item(value: unknown, place: string | number, depth: number): Plain {
    if (place === "__proto__") throw new FlyteError("InvalidType", 'no key may be called "__proto__"');
    // a name in front of every level of a value that is too deep would be longer than the value
    return depth >= maxNamedDepth
      ? this.checked(value, depth + 1)
      : (at(place, () => this.checked(value, depth + 1)) as Plain);
  }
}
