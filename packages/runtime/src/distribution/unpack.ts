import { createWriteStream } from "node:fs";
import { link, mkdir, realpath, rm, symlink } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { FlyteError } from "@flyte-ts/core/plugin";
import { type Extract, extract, type Header } from "tar-stream";

/** What an archive may unpack to at most. */
export interface UnpackLimits {
  readonly bytes: number;
  readonly entries: number;
}

/** A code archive's limits by default: far above any project, far below what fills a disk. */
const defaultLimits: UnpackLimits = { bytes: 4 * 1024 ** 3, entries: 500_000 };

/**
 * Unpacks a tar archive, gzipped or plain (flytectl uploads the plain one under a `.tar.gz` name), into a new, empty
 * folder. Links stay when they lead to somewhere inside.
 * @throws FlyteError `InvalidInput` for what is no archive, or for an entry that would leave the folder (by its path, by a
 * link, or as a device); `TooLarge`.
 */
export async function unpack(
  archive: AsyncIterable<Uint8Array>,
  folder: string,
  { limits = defaultLimits, signal }: { readonly limits?: UnpackLimits; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const unpacking = new Unpacking(await realpath(folder), limits);
  const entries = extract();
  const reading = feed(archive, entries, signal);
  // Its failure reaches the loop through the entries; it is awaited below.
  reading.catch(() => {});
  try {
    for await (const entry of entries) {
      await unpacking.add(entry.header, entry as AsyncIterable<Uint8Array>);
      entry.resume();
    }
    await reading;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (FlyteError.is(error)) throw error;
    throw new FlyteError("InvalidInput", `the archive cannot be read: ${(error as Error).message}`, { cause: error });
  }
  await unpacking.checkLinks();
}

/** Gives the archive's bytes, without gzip's compression, to the reader of the entries; ends it with whatever fails. */
async function feed(archive: AsyncIterable<Uint8Array>, entries: Extract, signal?: AbortSignal): Promise<void> {
  try {
    for await (const chunk of await plain(archive)) {
      signal?.throwIfAborted();
      if (entries.destroyed) return;
      if (entries.write(chunk)) continue;
      await new Promise<void>((resolve) => {
        const go = (): void => resolve();
        entries.once("drain", go);
        entries.once("close", go);
      });
    }
    entries.end(null);
  } catch (error) {
    entries.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

/** The bytes of a tar archive, whether it comes gzipped or not. */
async function plain(archive: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const chunks = archive[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  // A tar says so at 257, in its first block of 512 bytes.
  while (head.length < 512) {
    const { value, done } = await chunks.next();
    if (done === true) break;
    head = Buffer.concat([head, value]);
  }
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  const tar = Buffer.from(head.subarray(257, 262)).toString("latin1") === "ustar";
  if (!gzip && !tar) {
    throw new FlyteError(
      "InvalidInput",
      `the archive is neither a gzipped nor a plain tar (it begins with ${shown(head)})`,
    );
  }
  const whole = (async function* () {
    yield head;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  })();
  return gzip ? gunzipped(whole) : whole;
}

async function* gunzipped(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip();
  const copying = pipeline(Readable.from(chunks), gunzip);
  copying.catch(() => {});
  yield* gunzip as AsyncIterable<Uint8Array>;
  await copying;
}

const shown = (head: Uint8Array): string =>
  head.length === 0 ? "nothing: it is empty" : Buffer.from(head.subarray(0, 8)).toString("hex");

/** The entries of one archive on their way to the disk. */
class Unpacking {
  readonly #root: string;
  readonly #limits: UnpackLimits;
  readonly #folders = new Set<string>();
  readonly #links: string[] = [];
  #bytes = 0;
  #entries = 0;

  constructor(root: string, limits: UnpackLimits) {
    this.#root = root;
    this.#limits = limits;
    this.#folders.add(root);
  }

  async add(header: Header, body: AsyncIterable<Uint8Array>): Promise<void> {
    this.#count(header);
    const { name, type, linkname, mode } = header;
    const path = this.#inside(name, name);
    if (path === this.#root) return;
    switch (type) {
      case "directory":
        return this.#folder(path, name);
      case "file":
      case "contiguous-file":
      case undefined:
      case null:
        await this.#folder(dirname(path), name);
        await rm(path, { force: true });
        return pipeline(
          Readable.from(body),
          createWriteStream(path, { flags: "wx", mode: ((mode ?? 0o644) & 0o777) | 0o600 }),
        );
      case "symlink": {
        const target = linkname ?? "";
        this.#inside(target.startsWith("/") ? target : `${dirname(name)}/${target}`, name);
        await this.#folder(dirname(path), name);
        await rm(path, { force: true });
        await symlink(target, path);
        this.#links.push(path);
        return;
      }
      case "link": {
        const source = await realpath(this.#inside(linkname ?? "", name)).catch(() => "");
        if (!this.#holds(source)) throw leaves(name, `a link to "${linkname}"`);
        await this.#folder(dirname(path), name);
        await rm(path, { force: true });
        return link(source, path);
      }
      default:
        throw new FlyteError(
          "InvalidInput",
          `the archive's entry "${name}" is a ${type}; only files, folders and links may be in it`,
        );
    }
  }

  /** A link that seems to stay inside can leave by way of another one: where each really leads is seen at the end. */
  async checkLinks(): Promise<void> {
    for (const path of this.#links) {
      const target = await realpath(path).catch(() => undefined);
      if (target === undefined) await rm(path, { force: true });
      else if (!this.#holds(target)) throw leaves(path.slice(this.#root.length + 1), "by way of a link");
    }
  }

  #count({ name, size = 0 }: Header): void {
    this.#entries += 1;
    this.#bytes += size;
    const { entries, bytes } = this.#limits;
    if (this.#entries > entries) throw new FlyteError("TooLarge", `the archive has more than ${entries} entries`);
    if (this.#bytes > bytes)
      throw new FlyteError("TooLarge", `the archive unpacks to more than ${bytes} bytes (at "${name}")`);
  }

  /** The path of a name below the root. */
  #inside(name: string, entry: string): string {
    const path = resolve(this.#root, name);
    if (name.startsWith("/") || name.includes("\0") || !this.#holds(path)) throw leaves(entry, `to "${name}"`);
    return path;
  }

  #holds(path: string): boolean {
    return path === this.#root || path.startsWith(this.#root + sep);
  }

  async #folder(path: string, entry: string): Promise<void> {
    if (this.#folders.has(path)) return;
    // Parents first: a folder must not be made behind a link that leads outside.
    if (path !== this.#root) await this.#folder(dirname(path), entry);
    await mkdir(path).catch((error: { code?: string }) => {
      if (error.code !== "EEXIST") throw error;
    });
    if (!this.#holds(await realpath(path))) throw leaves(entry, "by way of a link");
    this.#folders.add(path);
  }
}

function leaves(entry: string, how: string): FlyteError {
  return new FlyteError("InvalidInput", `the archive's entry "${entry}" would leave the target folder (${how})`);
}
