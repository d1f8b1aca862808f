import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { BlobType_BlobDimensionality as Dimensionality } from "@flyte-ts/idl/core";
import type { ConversionContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { localPathOf } from "../storage/file-storage.ts";
import type { StorageRegistry } from "../storage/storage-registry.ts";
import { joinUri, schemeOf } from "../storage/uri.ts";
import { scalarLiteral, scalarOf } from "../wire/literals.ts";
import { type Literal, LiteralType } from "../wire/messages.ts";
import { directoryHash, fileHash } from "./blob-hash.ts";
import { isRecord } from "./collections.ts";
import { FlyteDirectory, FlyteFile } from "./file-values.ts";
import type { Plain } from "./plain.ts";
import { type Acceptance, type HashMethod, type JsonSchema, TypeTransformer } from "./type-transformer.ts";

function blobType(format: string, dimensionality: Dimensionality): LiteralType {
  return LiteralType.create({ type: { case: "blob", value: { format, dimensionality } } });
}

function blobLiteral(uri: string, format: string, dimensionality: Dimensionality): Literal {
  const type = { $typeName: "flyteidl.core.BlobType" as const, format, dimensionality };
  const metadata = { $typeName: "flyteidl.core.BlobMetadata" as const, type };
  return scalarLiteral({ case: "blob", value: { $typeName: "flyteidl.core.Blob", uri, metadata } });
}

/** The URI of a blob's literal. */
function blobUri(literal: Literal): string | undefined {
  const scalar = scalarOf(literal);
  return scalar?.case === "blob" ? scalar.value.uri : undefined;
}

/** The format that a blob's literal says. */
function blobFormat(literal: Literal): string {
  const scalar = scalarOf(literal);
  return scalar?.case === "blob" ? (scalar.value.metadata?.type?.format ?? "") : "";
}

/** The `path` of a file inside an object, which flytekit writes as `{"path": uri}`. */
function plainUri(value: Plain): string | undefined {
  if (typeof value === "string") return value;
  const path = isRecord<Plain>(value) ? value.path : undefined;
  return typeof path === "string" ? path : undefined;
}

/**
 * `t.file()`: one file, in any storage. A task receives a `FlyteFile`, which fetches nothing by itself; it may give a
 * `FlyteFile`, a path or a URI. A local file is copied below the raw output prefix.
 */
export class FileType extends TypeTransformer<FlyteFile, FlyteFile | string> {
  readonly name = "FlyteFilePath";
  readonly literalType: LiteralType;
  readonly format: string;

  /** @param format the extension without its dot (`csv`), or nothing for any. */
  constructor(format: string) {
    super();
    this.format = format;
    this.literalType = blobType(format, Dimensionality.SINGLE);
  }

  async toLiteral(value: FlyteFile | string, context: ConversionContext): Promise<Literal> {
    return blobLiteral(await this.stored(value, context), this.format, Dimensionality.SINGLE);
  }
  async toPlain(value: FlyteFile | string, context: ConversionContext): Promise<Plain> {
    return { path: await this.stored(value, context) };
  }
  fromPlain(value: Plain, context: ConversionContext): FlyteFile {
    const uri = plainUri(value);
    if (uri === undefined) throw this.mismatchedPlain(value);
    return new FlyteFile(uri, this.format, context);
  }
  /** This type with a hash of the file's content beside it, or with what `method` makes of the file. */
  override hashed(method: HashMethod<FlyteFile> = fileHash): this {
    return super.hashed(method);
  }
  override accepts(value: unknown): Acceptance {
    if (FlyteFile.is(value)) return "native";
    return typeof value === "string" ? "converted" : "no";
  }
  jsonSchema(): JsonSchema {
    return { type: "object", title: "FlyteFile", properties: { path: { type: "string" } }, required: ["path"] };
  }
  protected fromLiteral(literal: Literal, context: ConversionContext): FlyteFile {
    const uri = blobUri(literal);
    if (uri === undefined) throw this.mismatchedLiteral(literal);
    return new FlyteFile(uri, this.format || blobFormat(literal), context);
  }
  protected async stored(value: FlyteFile | string, context: ConversionContext): Promise<string> {
    if (FlyteFile.is(value)) return value.uri;
    if (typeof value !== "string") throw this.mismatch(value, "a FlyteFile, a path or a URI");
    if (schemeOf(value) !== "file") return value;
    const path = localPathOf(value);
    await checkKind(path, "file");
    const uri = context.newOutputUri(basename(path));
    await context.storage.write(uri, createReadStream(path), { signal: context.signal });
    return uri;
  }
}

/**
 * `t.directory()`: a folder of files, in any storage. A task receives a `FlyteDirectory`, which fetches nothing by
 * itself; it may give one, a path or a URI. A local folder is copied below the raw output prefix.
 */
export class DirectoryType extends TypeTransformer<FlyteDirectory, FlyteDirectory | string> {
  readonly name = "FlyteDirectory";
  readonly literalType: LiteralType;
  readonly format: string;

  constructor(format: string) {
    super();
    this.format = format;
    this.literalType = blobType(format, Dimensionality.MULTIPART);
  }

  async toLiteral(value: FlyteDirectory | string, context: ConversionContext): Promise<Literal> {
    return blobLiteral(await this.stored(value, context), this.format, Dimensionality.MULTIPART);
  }
  async toPlain(value: FlyteDirectory | string, context: ConversionContext): Promise<Plain> {
    return { path: await this.stored(value, context) };
  }
  fromPlain(value: Plain, context: ConversionContext): FlyteDirectory {
    const uri = plainUri(value);
    if (uri === undefined) throw this.mismatchedPlain(value);
    return new FlyteDirectory(uri, this.format, context);
  }
  /** This type with a hash of the folder's content beside it, or with what `method` makes of the folder. */
  override hashed(method: HashMethod<FlyteDirectory> = directoryHash): this {
    return super.hashed(method);
  }
  override accepts(value: unknown): Acceptance {
    if (FlyteDirectory.is(value)) return "native";
    return typeof value === "string" ? "converted" : "no";
  }
  jsonSchema(): JsonSchema {
    return { type: "object", title: "FlyteDirectory", properties: { path: { type: "string" } }, required: ["path"] };
  }
  protected fromLiteral(literal: Literal, context: ConversionContext): FlyteDirectory {
    const uri = blobUri(literal);
    if (uri === undefined) throw this.mismatchedLiteral(literal);
    return new FlyteDirectory(uri, this.format || blobFormat(literal), context);
  }
  protected async stored(value: FlyteDirectory | string, context: ConversionContext): Promise<string> {
    if (FlyteDirectory.is(value)) return value.uri;
    if (typeof value !== "string") throw this.mismatch(value, "a FlyteDirectory, a path or a URI");
    if (schemeOf(value) !== "file") return value;
    const root = localPathOf(value);
    await checkKind(root, "folder");
    const uri = context.newOutputUri();
    await uploadFolder(root, uri, context.storage, context.signal);
    return uri;
  }
}

/** How many files of a folder are on their way at once. */
const uploads = 8;

async function uploadFolder(root: string, uri: string, storage: StorageRegistry, signal: AbortSignal): Promise<void> {
  const paths: string[] = [];
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() || (entry.isSymbolicLink() && (await stat(path)).isFile())) paths.push(path);
  }
  const next = paths[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const path of next) {
      const name = path.slice(root.length).replaceAll("\\", "/").replace(/^\/+/, "");
      await storage.write(joinUri(uri, name), createReadStream(path), { signal });
    }
  };
  await Promise.all(Array.from({ length: uploads }, worker));
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
