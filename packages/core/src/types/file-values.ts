import { join } from "node:path";
import type { ConversionContext } from "../context/task-context.ts";
import { localPathOf } from "../storage/file-storage.ts";
import { downloadFolder } from "../storage/folder-transfer.ts";
import type { ObjectStat } from "../storage/storage.ts";
import { uniqueName } from "../storage/unique-name.ts";
import { joinUri, schemeOf } from "../storage/uri.ts";

const fileMarker: unique symbol = Symbol.for("flyte-ts.file");
const directoryMarker: unique symbol = Symbol.for("flyte-ts.directory");

const marked = (value: unknown, marker: symbol): boolean =>
  typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[marker] === true;

/** A file in some storage; nothing is fetched until it is asked for. */
export class FlyteFile {
  /** Where the file is: a path or a URI. */
  readonly uri: string;
  /** The extension without its dot, or an empty string. */
  readonly format: string;
  readonly #context: ConversionContext;

  constructor(uri: string, format: string, context: ConversionContext) {
    this.uri = uri;
    this.format = format;
    this.#context = context;
    Object.defineProperty(this, fileMarker, { value: true });
  }

  /** True for a value of this class, of whichever copy of the package. */
  static is(value: unknown): value is FlyteFile {
    return marked(value, fileMarker);
  }

  /** The bytes, as they arrive. */
  stream(): AsyncIterable<Uint8Array> {
    return this.#context.storage.read(this.uri, { signal: this.#context.signal });
  }

  /** The whole file in memory. */
  bytes(): Promise<Uint8Array> {
    return this.#context.storage.readBytes(this.uri, { signal: this.#context.signal });
  }

  /** The whole file as UTF-8 text. */
  async text(): Promise<string> {
    return Buffer.from(await this.bytes()).toString("utf8");
  }

  /** A local path of the file: its own when it is local, else one that it is downloaded to. */
  async path(): Promise<string> {
    if (schemeOf(this.uri) === "file") return localPathOf(this.uri);
    const name = this.uri.split(/[?#]/, 1)[0]?.split("/").at(-1) || "file";
    const path = join(this.#context.workingDirectory, uniqueName(), name);
    await this.#context.storage.download(this.uri, path, { signal: this.#context.signal });
    return path;
  }
}

/** A folder in some storage; nothing is fetched until it is asked for. */
export class FlyteDirectory {
  /** Where the folder is: a path or a URI. */
  readonly uri: string;
  readonly format: string;
  readonly #context: ConversionContext;

  constructor(uri: string, format: string, context: ConversionContext) {
    this.uri = uri;
    this.format = format;
    this.#context = context;
    Object.defineProperty(this, directoryMarker, { value: true });
  }

  /** True for a value of this class, of whichever copy of the package. */
  static is(value: unknown): value is FlyteDirectory {
    return marked(value, directoryMarker);
  }

  /** A file below the folder by its name in it, `a/b.csv` for instance; whether it is there shows when it is read. */
  file(name: string): FlyteFile {
    return new FlyteFile(joinUri(this.uri, name), this.format, this.#context);
  }

  /** The files below the folder, in the order of their names; `name` is a file's name in the folder. */
  async *files(): AsyncIterable<FlyteFile & { readonly name: string; readonly stat: ObjectStat }> {
    const { storage, signal } = this.#context;
    const prefix = `${this.uri.replace(/\/+$/, "")}/`;
    for await (const stat of storage.list(prefix, { signal })) {
      const name = stat.uri.startsWith(prefix) ? stat.uri.slice(prefix.length) : stat.uri;
      yield Object.assign(new FlyteFile(stat.uri, this.format, this.#context), { name, stat });
    }
  }

  /** A local path of the folder: its own when it is local, else one that all its files are downloaded to. */
  async path(): Promise<string> {
    if (schemeOf(this.uri) === "file") return localPathOf(this.uri);
    const { storage, signal, workingDirectory } = this.#context;
    const root = join(workingDirectory, uniqueName());
    await downloadFolder(storage, this.uri, root, { signal });
    return root;
  }
}
