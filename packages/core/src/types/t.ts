import { checkedType, checkedTypes } from "./checked-type.ts";
import { ListType, MapType } from "./collections.ts";
import { DatasetType, type RowOf, SchemaType } from "./datasets.ts";
import { ErrorType } from "./failure.ts";
import { DirectoryType, FileType } from "./files.ts";
import { LiteralUnionType, type LiteralValue } from "./literal-union.ts";
import { JsonType, ObjectType } from "./objects.ts";
import { OptionalType } from "./optional.ts";
import {
  BigIntType,
  BooleanType,
  BytesType,
  EnumType,
  FloatType,
  IntType,
  NoneType,
  StringType,
} from "./primitives.ts";
import { StandardSchemaType } from "./schema-type.ts";
import type { StandardSchema } from "./standard-schema.ts";
import { DateType, DatetimeType, DurationType, NanosecondsType } from "./times.ts";
import type { AcceptedOf, AnyType, NativeOf, Types } from "./type-transformer.ts";
import { UnionType } from "./unions.ts";

const list = <T extends AnyType>(item: T): ListType<NativeOf<T>, AcceptedOf<T>> =>
  new ListType(typed("t.list: the type of its items", item));
const map = <T extends AnyType>(item: T): MapType<NativeOf<T>, AcceptedOf<T>> =>
  new MapType(typed("t.map: the type of its values", item));
const optional = <T extends AnyType>(item: T): OptionalType<NativeOf<T>, AcceptedOf<T>> =>
  new OptionalType(typed("t.optional: its type", item));

/** The same transformer under the types that its values have. */
function typed<T extends AnyType>(
  place: string,
  item: T,
): import("./type-transformer.ts").TypeTransformer<NativeOf<T>, AcceptedOf<T>> {
  return checkedType(place, item) as never;
}

/** A dataset whose columns are declared. */
function dataset<const Columns extends Types>(options: {
  readonly columns: Columns;
  readonly format?: string;
}): DatasetType<RowOf<Columns>>;
/** A dataset with whatever columns it has. */
function dataset(options?: { readonly format?: string }): DatasetType;
function dataset(options: { readonly columns?: Types; readonly format?: string } = {}): DatasetType {
  return DatasetType.of(checkedTypes("t.dataset: the column", options.columns ?? {}), options.format ?? "");
}

/** The older form of a dataset (flytekit's `FlyteSchema`) with declared columns. */
function flyteSchema<const Columns extends Types>(columns: Columns): SchemaType<RowOf<Columns>>;
/** The older form of a dataset with whatever columns it has. */
function flyteSchema(): SchemaType;
function flyteSchema(columns: Types = {}): SchemaType {
  return SchemaType.of(checkedTypes("t.flyteSchema: the column", columns));
}

/**
 * The types of Flyte, as an author writes them. Each is a `TypeTransformer`; `NativeOf<typeof x>` is what a task
 * receives. All of them take `.describe(text)` and `.default(value)`.
 */
export const t = {
  /** INTEGER as a number; a value that is no safe integer is an error. */
  int: new IntType(),
  /** INTEGER as a bigint, exact over 64 bits. */
  bigint: new BigIntType(),
  /** FLOAT as a number. */
  float: new FloatType(),
  /** STRING. */
  string: new StringType(),
  /** BOOLEAN. */
  boolean: new BooleanType(),
  /** DATETIME as a `Date`; a `PreciseDate` where the wire says more than milliseconds. */
  datetime: new DatetimeType(),
  /** A day as a `Date` at midnight UTC. */
  date: new DateType(),
  /** DURATION in milliseconds; nanoseconds are its fraction. */
  duration: new DurationType(),
  /** DURATION as a bigint of nanoseconds, for those that milliseconds do not say exactly. */
  nanoseconds: new NanosecondsType(),
  /** BINARY as a `Uint8Array`. */
  bytes: new BytesType(),
  /** No value. */
  none: new NoneType(),
  /** Any JSON value. */
  json: new JsonType(),
  /** One of some strings. */
  enum: <const Value extends string>(values: readonly Value[]): EnumType<Value> => new EnumType(values),
  /** One of some strings, numbers or booleans. */
  literal: <const Values extends readonly LiteralValue[]>(...values: Values): LiteralUnionType<Values[number]> =>
    new LiteralUnionType(values),
  /** A value of one of several types; exactly one of them must take it. */
  union: <const Variants extends readonly AnyType[]>(
    ...variants: Variants
  ): UnionType<NativeOf<Variants[number]>, AcceptedOf<Variants[number]>> =>
    new UnionType(variants.map((variant) => checkedType("t.union: a variant", variant))),
  /** What a workflow's failure handler is told. */
  error: new ErrorType(),
  /** A value that a Standard Schema describes: one of zod, valibot, arktype, … */
  schema: <S extends StandardSchema>(schema: S): StandardSchemaType<S> => new StandardSchemaType(schema),
  /** An array of one type. */
  list,
  /** Values of one type by name. */
  map,
  /** A value or `null`. */
  optional,
  /** An object with typed fields; `title` names it in its JSON Schema. */
  object: <const Fields extends Types>(fields: Fields, title = "Object"): ObjectType<Fields> =>
    new ObjectType(checkedTypes("t.object: the field", fields), title),
  /** A file; `format` is the extension without its dot. */
  file: (format = ""): FileType => new FileType(format),
  /** A folder of files. */
  directory: (format = ""): DirectoryType => new DirectoryType(format),
  dataset,
  flyteSchema,
} as const;
