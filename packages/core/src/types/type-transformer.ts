import type { ConversionContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";
import { kindOf, scalarOf } from "../wire/literals.ts";
import type { Literal, LiteralType } from "../wire/messages.ts";
import { type Plain, plainOf } from "./plain.ts";

/** A value now or later. Transformers answer at once where nothing has to be fetched, so that long lists stay fast. */
export type Awaitable<T> = T | Promise<T>;

/** The JSON Schema of a value inside an object, in the shape that flytekit's dataclasses have. */
export type JsonSchema = { readonly [key: string]: unknown };

/**
 * A type of Flyte's: how it looks on the wire, and the way of its values there and back. `t.int` and its like are
 * instances.
 *
 * `Native` is what a task receives, `Accepted` what may be given for it.
 */
export abstract class TypeTransformer<Native, Accepted = Native> {
  /** Only for inference. */
  declare readonly "~native"?: Native;
  /** Only for inference. */
  declare readonly "~accepted"?: Accepted;
  /** The tag that stands in unions: the name of flytekit's transformer (`int`, `Typed List`). */
  abstract readonly name: string;
  abstract readonly literalType: LiteralType;
  /** What the value is for; shown by the console and by `--help`. */
  readonly description: string | undefined;
  /** True when a value may be left out. */
  readonly isOptional: boolean = false;

  /** @throws FlyteError `InvalidType` that says what was expected and what came. */
  abstract toLiteral(value: Accepted, context: ConversionContext): Awaitable<Literal>;
  /** The value inside an object. */
  abstract toPlain(value: Accepted, context: ConversionContext): Awaitable<Plain>;
  /** A value that stood inside an object, in a Struct or behind an attribute path. */
  abstract fromPlain(value: Plain, context: ConversionContext): Awaitable<Native>;
  /** A literal of this type's own form; the general forms have been dealt with. */
  protected abstract fromLiteral(literal: Literal, context: ConversionContext): Awaitable<Native>;
  /** The JSON Schema of the value inside an object. */
  abstract jsonSchema(): JsonSchema;

  /**
   * The native value of a literal. Takes what the platform really sends: msgpack behind attribute paths, Structs from
   * the console, a value wrapped as a union's.
   * @throws FlyteError `ConversionFailed`.
   */
  toNative(literal: Literal, context: ConversionContext): Awaitable<Native> {
    const scalar = scalarOf(literal);
    if (scalar?.case === "union" && scalar.value.value !== undefined) return this.toNative(scalar.value.value, context);
    const plain = plainOf(literal);
    return plain === undefined ? this.fromLiteral(literal, context) : this.fromPlain(plain.value, context);
  }

  /**
   * What a value is to this type at a glance, before anything is converted: a union chooses its variant by it. `native` is
   * what a task receives, `converted` what is accepted besides (a path for a file, a number for a bigint); what is called
   * one of them may still turn out to be wrong.
   */
  accepts(_value: unknown): Acceptance {
    return "native";
  }

  /**
   * The type of a part, as an attribute path reaches it: a list's item, a map's value, an object's field. Undefined where
   * there is none.
   */
  partAt(_step: string | number): AnyType | undefined {
    return undefined;
  }

  /**
   * This type with a hash beside its values: Flyte's cache then compares the hashes and not the values. `method` gets the
   * value as a task receives it.
   */
  hashed(method: HashMethod<Native>): this {
    const toLiteral = async (value: Accepted, context: ConversionContext): Promise<Literal> => {
      const literal = await this.toLiteral(value, context);
      return { ...literal, hash: await method(await this.toNative(literal, context), context) };
    };
    return Object.create(this, { toLiteral: { value: toLiteral } }) as this;
  }

  /** This type with a description. */
  describe(description: string): this {
    return Object.create(this, { description: { value: description, enumerable: true } }) as this;
  }

  /** This type with a value that stands in when none is given. */
  default(value: Accepted): this & HasDefault<Accepted> {
    const properties = { defaultValue: { value, enumerable: true } };
    return Object.create(this, properties) as this & HasDefault<Accepted>;
  }

  /** The error for a value that is not of this type. */
  protected mismatch(value: unknown, expected: string): FlyteError {
    return new FlyteError("InvalidType", `expected ${expected}, got ${shown(value)}`);
  }

  /** The error for a literal that is not of this type. */
  protected mismatchedLiteral(literal: Literal): FlyteError {
    return new FlyteError("ConversionFailed", `a literal that holds ${kindOf(literal)} cannot be read as ${this.name}`);
  }

  /** The error for a plain value that is not of this type. */
  protected mismatchedPlain(value: Plain): FlyteError {
    return new FlyteError("ConversionFailed", `${shown(value)} cannot be read as ${this.name}`);
  }
}

/** What a value is to a type at a glance. */
export type Acceptance = "native" | "converted" | "no";

/** Says in a short text which content a value has. */
export type HashMethod<Native> = (value: Native, context: ConversionContext) => Awaitable<string>;

/** Marks a type that has a default value. */
export interface HasDefault<Accepted = unknown> {
  readonly defaultValue: Accepted;
}

/** Any type at all. */
export type AnyType = TypeTransformer<unknown, unknown>;

/** Types by name: the inputs or outputs of an entity. */
export type Types = Readonly<Record<string, AnyType>>;

/** What a task receives for a type: `NativeOf<typeof t.int>` is `number`. */
export type NativeOf<T> = T extends { readonly "~native"?: infer Native } ? Exclude<Native, undefined> : never;

/** What may be given for a type. */
export type AcceptedOf<T> = T extends { readonly "~accepted"?: infer Accepted } ? Accepted : never;

/** The names of the types whose value may be left out: optional ones, and those with a default. */
export type OmittableKeys<T extends Types> = {
  [K in keyof T]: T[K] extends HasDefault | { readonly isOptional: true } ? K : never;
}[keyof T];

/** True for a type that has a default value. */
export function hasDefault(type: AnyType): type is AnyType & HasDefault {
  return "defaultValue" in type;
}

/** A literal type of one simple type, as the plain object that it is: `create` would load every descriptor at import. */
export function simpleType(simple: number): LiteralType {
  return { $typeName: "flyteidl.core.LiteralType", type: { case: "simple", value: simple } };
}
