import { SimpleType } from "@flyte-ts/idl/core";
import type { ConversionContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { msgpackLiteral } from "../wire/literals.ts";
import { type Literal, LiteralType } from "../wire/messages.ts";
import { after, isRecord, mapValues } from "./collections.ts";
import { freeValue } from "./free-values.ts";
import { encodePlain, type Plain, shown } from "./plain.ts";
import { msgpackAnnotation } from "./struct-annotation.ts";
import {
  type Acceptance,
  type AcceptedOf,
  type AnyType,
  type Awaitable,
  type HasDefault,
  hasDefault,
  type JsonSchema,
  type NativeOf,
  type Types,
  TypeTransformer,
} from "./type-transformer.ts";

/** The object that a task receives for fields. */
export type NativeObject<Fields extends Types> = { -readonly [K in keyof Fields]: NativeOf<Fields[K]> };

type OmittableKeys<Fields extends Types> = {
  [K in keyof Fields]: Fields[K] extends HasDefault ? K : null extends NativeOf<Fields[K]> ? K : never;
}[keyof Fields];

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
      const field = value[key];
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
      properties: Object.fromEntries(fields.map(([key, type]) => [key, type.jsonSchema()])),
      additionalProperties: false,
      ...(required.length === 0 ? {} : { required }),
    };
  }
  protected fromLiteral(literal: Literal): never {
    throw this.mismatchedLiteral(literal);
  }
  protected given(value: Readonly<Record<string, unknown>>, key: string, type: AnyType): unknown {
    const field = value[key];
    if (field === undefined && hasDefault(type)) return type.defaultValue;
    if (field === undefined && !type.isOptional) throw new FlyteError("InvalidType", "a value is missing");
    return field;
  }
  protected fieldNames(): string {
    return Object.keys(this.fields).join(", ");
  }
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

/** `t.json`: any JSON value; STRUCT without a schema, as flytekit's untyped dictionaries. */
export class JsonType extends TypeTransformer<Json, AcceptedJson> {
  readonly name = "Typed Dict";
  readonly literalType: LiteralType = {
    ...LiteralType.create({ type: { case: "simple", value: SimpleType.STRUCT } }),
    annotation: msgpackAnnotation,
  };

  toLiteral(value: AcceptedJson): Literal {
    return msgpackLiteral(encodePlain(this.toPlain(value)));
  }
  toPlain(value: AcceptedJson): Plain {
    return this.checked(value, value);
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
  protected checked(value: unknown, whole: AcceptedJson): Plain {
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    if (Array.isArray(value)) return value.map((item) => this.checked(item, whole));
    if (isRecord<unknown>(value)) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.checked(item, whole)]));
    }
    throw this.mismatch(value, "what JSON can say");
  }
}
