import { constants } from "node:fs";
import { copyFile, mkdtemp, open, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type ConversionContext, FlyteError, schemeOf } from "@flyte-ts/core/plugin";
import { type FileKind, fileKind } from "./archive/sniff.ts";
import type { Sqlite3Config } from "./config.ts";

/** What reaching a database needs of a task's context. */
export type DatabaseContext = Pick<ConversionContext, "storage" | "signal" | "workingDirectory">;

/**
 * Brings a database to where SQLite can open it: a local file is used in place, anything else is downloaded and unpacked
 * below the working directory. The file is checked to be an SQLite database.
 * @returns the file's path.
 * @throws FlyteError `NotFound`, `InvalidInput`, `TooLarge`, and what the storage throws.
 */
export async function databaseFile(config: Sqlite3Config, context: DatabaseContext): Promise<string> {
  const { uri, compressed = false } = config;
  const { signal, workingDirectory } = context;
  const folder = await mkdtemp(join(workingDirectory, "sqlite3-"));
  const isLocal = schemeOf(uri) === "file";
  const source = isLocal ? localPath(uri) : join(folder, "download");
  await (isLocal ? checkLocal(source, uri) : download(uri, source, context));
  const path = compressed ? join(folder, "database") : source;
  if (compressed) {
    const { unpackArchive } = await import("./archive/unpack.ts");
    await unpackArchive(source, path, { archive: uri, signal });
    if (!isLocal) await rm(source);
  }
  const kind = await fileKind(path);
  if (kind !== "sqlite") throw noDatabase(uri, compressed, kind);
  return withoutLog(path, path !== source || !isLocal, folder);
}

function localPath(uri: string): string {
  try {
    return /^file:/i.test(uri) ? fileURLToPath(uri.replace(/^file:\/*/i, "file:///")) : resolve(uri);
  } catch (error) {
    throw new FlyteError("InvalidInput", `config.uri: "${uri}" is not a file URI: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

async function checkLocal(path: string, uri: string): Promise<void> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw folderError(uri);
    await (await open(path)).close();
  } catch (error) {
    if (FlyteError.is(error)) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new FlyteError("NotFound", `config.uri: there is no file ${path}`, { cause: error });
    }
    const refused = code === "EACCES" || code === "EPERM";
    throw new FlyteError(refused ? "PermissionDenied" : "Unavailable", `config.uri: ${message}`, { cause: error });
  }
}

async function download(uri: string, path: string, { storage, signal }: DatabaseContext): Promise<void> {
  try {
    await storage.download(uri, path, { signal });
  } catch (error) {
    if (FlyteError.is(error) && error.code === "NotFound" && (await isFolder(uri, storage, signal)))
      throw folderError(uri);
    throw error;
  }
}

/** Whether objects stand below a URI; false where the storage cannot list. */
async function isFolder(uri: string, storage: DatabaseContext["storage"], signal: AbortSignal): Promise<boolean> {
  try {
    for await (const _ of storage.list(`${uri.replace(/\/+$/, "")}/`, { signal })) return true;
  } catch (error) {
    if (signal.aborted) throw error;
  }
  return false;
}

const folderError = (uri: string): FlyteError =>
  new FlyteError("InvalidInput", `config.uri: ${uri} is a folder, where a database file is needed`);

function noDatabase(uri: string, compressed: boolean, kind: FileKind): FlyteError {
  const what = compressed ? `the file in the archive ${uri}` : uri;
  const packed = kind !== "empty" && kind !== "unknown";
  const hint = packed && !compressed ? "; set compressed to true" : "";
  const found =
    kind === "empty"
      ? "it is empty"
      : kind === "unknown"
        ? 'it does not begin with "SQLite format 3"'
        : `it is a ${kind} file${hint}`;
  return new FlyteError("InvalidInput", `config.uri: ${what} is no SQLite database: ${found}`);
}

/**
 * Sees to a database in WAL mode. Reading one makes `-wal` and `-shm` files beside it and needs a folder that can be
 * written, even for a reader. A file that stands alone has all its content, and needs no log: a copy of our own says so
 * in its header (sqlite.org/fileformat2, 1.3.3: bytes 18 and 19, 2 for WAL, 1 for none). One that stands in place with
 * its log is opened as it is.
 */
async function withoutLog(path: string, own: boolean, folder: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 18);
    if (!buffer.includes(2)) return path;
  } finally {
    await file.close();
  }
  if (!own && (await stat(`${path}-wal`).catch(() => undefined)) !== undefined) return path;
  const copy = own ? path : join(folder, "database");
  if (!own) await copyFile(path, copy, constants.COPYFILE_FICLONE);
  const writable = await open(copy, "r+");
  try {
    await writable.write(Uint8Array.of(1, 1), 0, 2, 18);
  } finally {
    await writable.close();
  }
  return copy;
}
