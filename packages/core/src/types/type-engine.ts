import { BlobType_BlobDimensionality, SimpleType } from "@flyte-ts/idl/core";
import { FlyteError } from "../errors/flyte-error.ts";
import { LiteralType } from "../wire/messages.ts";
import { ListType, MapType } from "./collections.ts";
import { DatasetType, SchemaType } from "./datasets.ts";
import { DescribedType } from "./described-type.ts";
import { ErrorType } from "./failure.ts";
import { DirectoryType, FileType } from "./files.ts";
import { literalUnionOf } from "./literal-union.ts";
import { JsonType } from "./objects.ts";
import { OptionalType } from "./optional.ts";
import { BigIntType, BooleanType, BytesType, EnumType, FloatType, NoneType, StringType } from "./primitives.ts";
import { DatetimeType, DurationType } from "./times.ts";
import type { AnyType } from "./type-transformer.ts";
import { UnionType } from "./unions.ts";

/** Recognises literal types of its own; answers undefined for all others. */
export type TypeGuess = (literalType: LiteralType) => AnyType | undefined;

/** From literal types to transformers, for whoever has no declaration: shim executors, connectors, the command line. */
export class TypeEngine {
  readonly #guesses: TypeGuess[] = [];

  /** Adds a type of one's own; the latest is asked first, and all before the built-in ones. */
  register(guess: TypeGuess): void {
    this.#guesses.unshift(guess);
  }

  /**
   * The transformer of a literal type. An INTEGER is guessed as a bigint, so that nothing is lost; an optional as the
   * value or `null`; a STRUCT as JSON, with floats where its JSON Schema says so.
   * @throws FlyteError `Unsupported` for a type that nobody knows.
   */
  guess(literalType: LiteralType): AnyType {
    for (const guess of this.#guesses) {
      const found = guess(literalType);
      if (found !== undefined) return found;
    }
    const literals = literalUnionOf(literalType);
    if (literals !== undefined) return literals;
    const { type } = literalType;
    switch (type.case) {
      case "simple":
        return this.#simple(type.value, literalType);
      case "collectionType":
        return new ListType(this.guess(type.value));
      case "mapValueType":
        return new MapType(this.guess(type.value));
      case "enumType":
        return new EnumType(type.value.values);
      case "blob":
        return type.value.dimensionality === BlobType_BlobDimensionality.MULTIPART
          ? new DirectoryType(type.value.format)
          : new FileType(type.value.format);
      case "structuredDatasetType":
        return DatasetType.ofMessage(type.value);
      case "schema":
        return SchemaType.ofMessage(type.value);
      case "unionType": {
        const { variants } = type.value;
        const values = variants.filter((variant) => !isNone(variant));
        const guessed = values.map((variant) => this.guess(variant));
        const [only] = guessed;
        if (only !== undefined && values.length === 1) {
          return variants.length === 1 || only.isOptional ? only : new OptionalType(only);
        }
        if (values.length > 1) {
          return new UnionType(values.length === variants.length ? guessed : [...guessed, new NoneType()]);
        }
      }
    }
    throw new FlyteError("Unsupported", `no type is known for ${JSON.stringify(LiteralType.toJson(literalType))}`);
  }

  #simple(simple: SimpleType, literalType: LiteralType): AnyType {
    switch (simple) {
      case SimpleType.NONE:
        return new NoneType();
      case SimpleType.INTEGER:
        return new BigIntType();
      case SimpleType.FLOAT:
        return new FloatType();
      case SimpleType.STRING:
        return new StringType();
      case SimpleType.BOOLEAN:
        return new BooleanType();
      case SimpleType.DATETIME:
        return new DatetimeType();
      case SimpleType.DURATION:
        return new DurationType();
      case SimpleType.BINARY:
        return new BytesType();
      case SimpleType.STRUCT:
        return literalType.metadata === undefined || literalType.metadata.properties === undefined
          ? new JsonType()
          : new DescribedType(literalType.metadata, literalType);
      case SimpleType.ERROR:
        return new ErrorType();
      default:
        throw new FlyteError("Unsupported", `no type is known for the simple type ${SimpleType[simple] ?? simple}`);
    }
  }
}

const isNone = ({ type }: LiteralType): boolean => type.case === "simple" && type.value === SimpleType.NONE;
