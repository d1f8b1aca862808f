import { create } from "@bufbuild/protobuf";
import {
  type StructuredDatasetType as DatasetMessage,
  SchemaType_SchemaColumn_SchemaColumnType as SchemaColumnType,
  type SchemaType as SchemaMessage,
  SchemaTypeSchema,
  SimpleType,
  StructuredDatasetTypeSchema,
} from "@flyte-ts/idl/core";
import type { ConversionContext } from "../context/task-context.ts";
import { type AnyRow, Dataset } from "../dataset/dataset.ts";
import { datasetHash } from "../dataset/dataset-hash.ts";
import type { NativeColumn } from "../dataset/native-column.ts";
import type { ColumnType } from "../dataset/record-batch.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { scalarLiteral, scalarOf } from "../wire/literals.ts";
import { type Literal, LiteralType } from "../wire/messages.ts";
import { isRecord } from "./collections.ts";
import type { Plain } from "./plain.ts";
import { BigIntType, IntType } from "./primitives.ts";
import { DateType } from "./times.ts";
import {
  type Acceptance,
  type AnyType,
  type HashMethod,
  type JsonSchema,
  type NativeOf,
  simpleType,
  type Types,
  TypeTransformer,
} from "./type-transformer.ts";

/** A row of a dataset with typed columns. Any value can be NULL, which is `null`. */
export type RowOf<Columns extends Types> = { [K in keyof Columns]: NativeOf<Columns[K]> | null };

/** The column types by simple type; the other simple types cannot stand in a column. */
const columnTypes: ReadonlyMap<SimpleType, ColumnType> = new Map([
  [SimpleType.INTEGER, "integer"],
  [SimpleType.FLOAT, "float"],
  [SimpleType.STRING, "string"],
  [SimpleType.BOOLEAN, "boolean"],
  [SimpleType.DATETIME, "datetime"],
  [SimpleType.DURATION, "duration"],
  [SimpleType.BINARY, "binary"],
]);

/** The types of legacy schema columns, and the simple types that they mean. */
export const schemaColumns: ReadonlyMap<SimpleType, SchemaColumnType> = new Map([
  [SimpleType.INTEGER, SchemaColumnType.INTEGER],
  [SimpleType.FLOAT, SchemaColumnType.FLOAT],
  [SimpleType.STRING, SchemaColumnType.STRING],
  [SimpleType.BOOLEAN, SchemaColumnType.BOOLEAN],
  [SimpleType.DATETIME, SchemaColumnType.DATETIME],
  [SimpleType.DURATION, SchemaColumnType.DURATION],
]);

function columnTypeOf(name: string, { type }: LiteralType): ColumnType {
  if (type.case === "enumType") return "string";
  const found = type.case === "simple" ? columnTypes.get(type.value) : undefined;
  if (found !== undefined) return found;
  const allowed = "int, bigint, float, string, boolean, datetime, date, duration, bytes";
  throw new FlyteError("InvalidDefinition", `column "${name}" cannot have this type; a column is one of t.${allowed}`);
}

function nativeColumns(columns: Types): NativeColumn[] {
  return Object.entries(columns).map(([name, type]) => {
    const column = { name, type: type instanceof DateType ? "date" : columnTypeOf(name, type.literalType) } as const;
    if (type instanceof IntType) return { ...column, as: "number" };
    return type instanceof BigIntType ? { ...column, as: "bigint" } : column;
  });
}

/** What datasets and legacy schemas share: values are `Dataset`s, stored below the raw output prefix. */
abstract class TabularType<Row extends object> extends TypeTransformer<Dataset<Row>> {
  abstract readonly columns: readonly NativeColumn[];
  abstract readonly format: string;

  async toLiteral(value: Dataset<Row>, context: ConversionContext): Promise<Literal> {
    const stored = await this.stored(value, context);
    return this.literalOf(stored.uri, stored.format);
  }
  async toPlain(value: Dataset<Row>, context: ConversionContext): Promise<Plain> {
    const stored = await this.stored(value, context);
    return { uri: stored.uri, file_format: stored.format };
  }
  fromPlain(value: Plain, context: ConversionContext): Dataset<Row> {
    if (!isRecord<Plain>(value) || typeof value.uri !== "string") throw this.mismatchedPlain(value);
    return this.opened(value.uri, typeof value.file_format === "string" ? value.file_format : "", context);
  }
  /** This type with a hash of the rows beside them, or with what `method` makes of the dataset. */
  override hashed(method: HashMethod<Dataset<Row>> = (dataset) => datasetHash(dataset as Dataset)): this {
    return super.hashed(method);
  }
  override accepts(value: unknown): Acceptance {
    return Dataset.is(value) ? "native" : "no";
  }
  jsonSchema(): JsonSchema {
    const text = { anyOf: [{ type: "string" }, { type: "null" }] };
    const properties = { uri: { ...text, default: null }, file_format: { ...text, default: "" } };
    return { type: "object", title: "StructuredDataset", properties, additionalProperties: false };
  }
  protected abstract literalOf(uri: string, format: string): Literal;
  protected opened(uri: string, format: string, context: ConversionContext): Dataset<Row> {
    const options = {
      format: format || this.format || undefined,
      ...(this.columns.length === 0 ? {} : { columns: this.columns }),
    };
    return Dataset.open<Row>(uri, options, context);
  }
  protected async stored(value: Dataset<Row>, context: ConversionContext): Promise<{ uri: string; format: string }> {
    if (!Dataset.is(value)) throw this.mismatch(value, "a Dataset, as Dataset.from(rows) makes it");
    const { uri = "", format = "parquet" } =
      value.uri === undefined
        ? await value.declared(this.columns).store(context, context.newOutputUri(), this.format)
        : value;
    return { uri, format };
  }
}

/** `t.dataset({ … })`: rows in a file format, a `structured_dataset` on the wire. */
export class DatasetType<Row extends object = AnyRow> extends TabularType<Row> {
  readonly name = "StructuredDataset Transformer";
  readonly literalType: LiteralType;
  readonly columns: readonly NativeColumn[];
  readonly format: string;
  readonly message: DatasetMessage;

  constructor(message: DatasetMessage, columns: readonly NativeColumn[]) {
    super();
    this.message = message;
    this.columns = columns;
    this.format = message.format;
    this.literalType = LiteralType.create({ type: { case: "structuredDatasetType", value: message } });
  }

  /** The type of declared columns. */
  static of<Row extends object>(columns: Types, format: string): DatasetType<Row> {
    const named = Object.entries(columns).map(([name, type]) => ({ name, literalType: type.literalType }));
    return new DatasetType(create(StructuredDatasetTypeSchema, { columns: named, format }), nativeColumns(columns));
  }

  /** The type that a message describes. */
  static ofMessage(message: DatasetMessage): DatasetType {
    const columns = message.columns.map(({ name, literalType }) => ({
      name,
      type: columnTypeOf(name, literalType ?? LiteralType.create()),
    }));
    return new DatasetType(message, columns);
  }

  protected fromLiteral(literal: Literal, context: ConversionContext): Dataset<Row> {
    const scalar = scalarOf(literal);
    if (scalar?.case === "schema") return this.opened(scalar.value.uri, "parquet", context);
    if (scalar?.case !== "structuredDataset") throw this.mismatchedLiteral(literal);
    return this.opened(scalar.value.uri, scalar.value.metadata?.structuredDatasetType?.format ?? "", context);
  }
  protected literalOf(uri: string, format: string): Literal {
    const metadata = {
      $typeName: "flyteidl.core.StructuredDatasetMetadata" as const,
      structuredDatasetType: { ...this.message, format },
    };
    return scalarLiteral({
      case: "structuredDataset",
      value: { $typeName: "flyteidl.core.StructuredDataset", uri, metadata },
    });
  }
}

/** `t.flyteSchema({ … })`: the older form of a dataset, flytekit's `FlyteSchema`; always Parquet. */
export class SchemaType<Row extends object = AnyRow> extends TabularType<Row> {
  readonly name = "FlyteSchema Transformer";
  readonly literalType: LiteralType;
  readonly columns: readonly NativeColumn[];
  readonly format = "parquet";
  readonly message: SchemaMessage;

  constructor(message: SchemaMessage, columns: readonly NativeColumn[]) {
    super();
    this.message = message;
    this.columns = columns;
    this.literalType = LiteralType.create({ type: { case: "schema", value: message } });
  }

  /** The type of declared columns. */
  static of<Row extends object>(columns: Types): SchemaType<Row> {
    const named = Object.entries(columns).map(([name, { literalType }]) => {
      const type = literalType.type.case === "simple" ? schemaColumns.get(literalType.type.value) : undefined;
      if (type !== undefined) return { name, type };
      throw new FlyteError("InvalidDefinition", `column "${name}" cannot stand in a legacy schema; use t.dataset`);
    });
    return new SchemaType(create(SchemaTypeSchema, { columns: named }), nativeColumns(columns));
  }

  /** The type that a message describes. */
  static ofMessage(message: SchemaMessage): SchemaType {
    const columns = message.columns.map(({ name, type }) => {
      const simple = [...schemaColumns].find(([, column]) => column === type)?.[0] ?? SimpleType.STRING;
      return { name, type: columnTypeOf(name, simpleType(simple)) };
    });
    return new SchemaType(message, columns);
  }

  protected fromLiteral(literal: Literal, context: ConversionContext): Dataset<Row> {
    const scalar = scalarOf(literal);
    if (scalar?.case !== "schema" && scalar?.case !== "structuredDataset") throw this.mismatchedLiteral(literal);
    return this.opened(scalar.value.uri, "parquet", context);
  }
  protected literalOf(uri: string): Literal {
    return scalarLiteral({ case: "schema", value: { $typeName: "flyteidl.core.Schema", uri, type: this.message } });
  }
}

/** The columns of a tabular type, as the author declared them; undefined for other types. */
export function columnsOf(type: AnyType): readonly NativeColumn[] | undefined {
  return type instanceof TabularType ? type.columns : undefined;
}
