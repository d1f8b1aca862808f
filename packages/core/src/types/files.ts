import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { type BlobType as BlobMessage, BlobType_BlobDimensionality as Dimensionality } from "@flyte-ts/idl/core";
import type { ConversionContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { localPathOf } from "../storage/file-storage.ts";
import { uploadFile, uploadFolder } from "../storage/folder-transfer.ts";
import { schemeOf } from "../storage/uri.ts";
import { scalarLiteral, scalarOf } from "../wire/literals.ts";
import { type Literal, LiteralType } from "../wire/messages.ts";
import { directoryHash, fileHash } from "./blob-hash.ts";
import { isRecord } from "./collections.ts";
import { FlyteDirectory, FlyteFile } from "./file-values.ts";
import type { Plain } from "./plain.ts";
import { type Acceptance, type HashMethod, type JsonSchema, TypeTransformer } from "./type-transformer.ts";

/** flytekit's schema of a file or folder inside an object: registering compares schemas, so every detail counts. */
function blobSchema(title: string, more: JsonSchema = {}): JsonSchema {
  const path = { anyOf: [{ type: "string" }, { type: "string", format: "path" }], default: null };
  return { type: "object", title, properties: { path, ...more }, additionalProperties: false };
}

/** The `path` of a file inside an object, which flytekit writes as `{"path": uri}`. */
function plainUri(value: Plain): string | undefined {
  if (typeof value === "string") return value;
  const path = isRecord<Plain>(value) ? value.path : undefined;
  return typeof path === "string" ? path : undefined;
}

/** What files and folders share: they travel as URIs, and local ones are copied below the raw output prefix. */
abstract class BlobType<Native extends { readonly uri: string }> extends TypeTransformer<Native, Native | string> {
  readonly literalType: LiteralType;
  readonly format: string;
  /** The type on the wire, as `DatasetType` has its own. */
  readonly message: BlobMessage;

  constructor(format: string, isFolder: boolean) {
    super();
    this.format = format;
    const dimensionality = isFolder ? Dimensionality.MULTIPART : Dimensionality.SINGLE;
    this.message = { $typeName: "flyteidl.core.BlobType", format, dimensionality };
    this.literalType = LiteralType.create({ type: { case: "blob", value: this.message } });
  }

  async toLiteral(value: Native | string, context: ConversionContext): Promise<Literal> {
    const metadata = { $typeName: "flyteidl.core.BlobMetadata" as const, type: this.message };
    const uri = await this.stored(value, context);
    return scalarLiteral({ case: "blob", value: { $typeName: "flyteidl.core.Blob", uri, metadata } });
  }
  async toPlain(value: Native | string, context: ConversionContext): Promise<Plain> {
    return { path: await this.stored(value, context) };
  }
  fromPlain(value: Plain, context: ConversionContext): Native {
    const uri = plainUri(value);
    if (uri === undefined) throw this.mismatchedPlain(value);
    return this.opened(uri, this.format, context);
  }
  override accepts(value: unknown): Acceptance {
    if (this.isNative(value)) return "native";
    return typeof value === "string" ? "converted" : "no";
  }
  protected fromLiteral(literal: Literal, context: ConversionContext): Native {
    const scalar = scalarOf(literal);
    if (scalar?.case !== "blob") throw this.mismatchedLiteral(literal);
    return this.opened(scalar.value.uri, this.format || (scalar.value.metadata?.type?.format ?? ""), context);
  }
  /** The URI of a value; a local one is copied first. */
  protected async stored(value: Native | string, context: ConversionContext): Promise<string> {
    if (this.isNative(value)) return value.uri;
    if (typeof value !== "string") throw this.mismatch(value, this.expected());
    return schemeOf(value) === "file" ? this.copied(localPathOf(value), context) : value;
  }
  protected abstract isNative(value: unknown): value is Native;
  protected abstract expected(): string;
  protected abstract opened(uri: string, format: string, context: ConversionContext): Native;
  /** Copies what is at a local path, and gives the URI of the copy. */
  protected abstract copied(path: string, context: ConversionContext): Promise<string>;
}

/**
 * `t.file()`: one file, in any storage. A task receives a `FlyteFile`, which fetches nothing by itself; it may give a
 * `FlyteFile`, a path or a URI. A local file is copied below the raw output prefix.
 */
export class FileType extends BlobType<FlyteFile> {
  readonly name = "FlyteFilePath";

  /** @param format the extension without its dot (`csv`), or nothing for any. */
  constructor(format: string) {
    super(format, false);
  }

  jsonSchema(): JsonSchema {
    const text = { type: "string" };
    const metadata = { type: "object", propertyNames: text, additionalProperties: text };
    return blobSchema("FlyteFile", { metadata: { anyOf: [metadata, { type: "null" }], default: null } });
  }
  /** This type with a hash of the file's content beside it, or with what `method` makes of the file. */
  override hashed(method: HashMethod<FlyteFile> = fileHash): this {
    return super.hashed(method);
  }
  protected isNative(value: unknown): value is FlyteFile {
    return FlyteFile.is(value);
  }
  protected expected(): string {
    return "a FlyteFile, a path or a URI";
  }
  protected opened(uri: string, format: string, context: ConversionContext): FlyteFile {
    return new FlyteFile(uri, format, context);
  }
  protected async copied(path: string, context: ConversionContext): Promise<string> {
    await checkKind(path, "file");
    const uri = context.newOutputUri(basename(path));
    await uploadFile(context.storage, path, uri, { signal: context.signal });
    return uri;
  }
}

/**
 * `t.directory()`: a folder of files, in any storage. A task receives a `FlyteDirectory`, which fetches nothing by
 * itself; it may give one, a path or a URI. A local folder is copied below the raw output prefix.
 */
export class DirectoryType extends BlobType<FlyteDirectory> {
  readonly name = "FlyteDirectory";

  /** @param format what the files are, or nothing for any. */
  constructor(format: string) {
    super(format, true);
  }

  jsonSchema(): JsonSchema {
    return blobSchema("FlyteDirectory");
  }
  protected isNative(value: unknown): value is FlyteDirectory {
    return FlyteDirectory.is(value);
  }
  protected expected(): string {
    return "a FlyteDirectory, a path or a URI";
  }
  /** This type with a hash of the folder's content beside it, or with what `method` makes of the folder. */
  override hashed(method: HashMethod<FlyteDirectory> = directoryHash): this {
    return super.hashed(method);
  }
  protected opened(uri: string, format: string, context: ConversionContext): FlyteDirectory {
    return new FlyteDirectory(uri, format, context);
  }
  protected async copied(path: string, context: ConversionContext): Promise<string> {
    await checkKind(path, "folder");
    const uri = context.newOutputUri();
    await uploadFolder(context.storage, path, uri, { signal: context.signal });
    return uri;
  }
}

async function checkKind(path: string, kind: "file" | "folder"): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new FlyteError("NotFound", `there is no ${kind} ${path}`);
  if (kind === "file" ? found.isFile() : found.isDirectory()) return;
  throw new FlyteError(
    "InvalidType",
    `${path} is ${kind === "file" ? "a folder" : "not a folder"}; a ${kind} is needed`,
  );
}
