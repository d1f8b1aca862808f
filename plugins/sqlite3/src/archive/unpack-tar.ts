import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { FlyteError } from "@flyte-ts/core/plugin";
import type { Header } from "tar-stream";
import { bunzip } from "./bunzip.ts";
import { type ArchiveEntry, EntryChooser } from "./entries.ts";
import { writeEntry } from "./limits.ts";
import { sniff, sniffedBytes } from "./sniff.ts";
import type { UnpackContext } from "./unpack-zip.ts";

/** How a tar archive is compressed. */
export type TarCompression = "none" | "gzip" | "bzip2" | "xz";

/**
 * Unpacks the one file of a tar archive into `target`. What is compressed and no archive is itself the file.
 * @throws FlyteError `InvalidInput`, `TooLarge`; nothing is left then.
 */
export async function unpackTar(
  path: string,
  target: string,
  context: UnpackContext & { readonly compression: TarCompression },
): Promise<void> {
  const { archive, guard, signal, compression } = context;
  const decoded = `${target}.decoded`;
  let file: Readable | undefined;
  try {
    if (compression === "bzip2") await bunzip(path, decoded, guard);
    file = createReadStream(compression === "bzip2" ? decoded : path, { highWaterMark: 1 << 18 });
    const { head, all } = await peeked(await decompressed(file, compression));
    if (compression === "none" || sniff(head) === "tar") await untar(all, target, context);
    else await writeEntry(all, target, "the file", guard, signal);
  } catch (error) {
    await rm(target, { force: true });
    if (signal.aborted) throw signal.reason;
    if (FlyteError.is(error)) throw error;
    throw new FlyteError("InvalidInput", `${archive}: the archive cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    file?.destroy();
    if (compression === "bzip2") await rm(decoded, { force: true });
  }
}

/** The bytes of a file, decompressed; its errors are theirs. */
async function decompressed(file: Readable, compression: TarCompression): Promise<Readable> {
  switch (compression) {
    case "gzip":
      return pipeline(file, createGunzip(), () => {});
    case "xz": {
      const { XzReadableStream } = await import("xz-decompress");
      const source = Readable.toWeb(file) as ConstructorParameters<typeof XzReadableStream>[0];
      return Readable.from(new XzReadableStream(source), { objectMode: false });
    }
    default:
      return file;
  }
}

async function untar(
  bytes: AsyncIterable<Uint8Array>,
  target: string,
  { archive, guard, signal }: UnpackContext,
): Promise<void> {
  const { extract } = await import("tar-stream");
  const chooser = new EntryChooser(archive);
  const entries = extract();
  const source = Readable.from(bytes, { objectMode: false });
  source.on("error", (error) => entries.destroy(error));
  source.pipe(entries);
  let found = false;
  try {
    for await (const entry of entries) {
      if (chooser.accept(described(entry.header))) {
        const name = `"${entry.header.name}"`;
        guard.check(entry.header.size, name);
        await writeEntry(entry as AsyncIterable<Uint8Array>, target, name, guard, signal);
        found = true;
      } else {
        entry.resume();
      }
    }
  } finally {
    source.destroy();
  }
  if (!found) throw chooser.none();
}

function described({ name, type }: Pick<Header, "name" | "type">): ArchiveEntry {
  switch (type) {
    case "file":
    case "contiguous-file":
      return { name, kind: "file" };
    case "directory":
      return { name, kind: "folder" };
    case "link":
    case "symlink":
      return { name, kind: "link" };
    default:
      return { name, kind: "other" };
  }
}

/** The first bytes of a stream, and the whole of it again. */
async function peeked(source: Readable): Promise<{ head: Uint8Array; all: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const chunks: Uint8Array[] = [];
  for (let size = 0; size < sniffedBytes; ) {
    const next = await iterator.next();
    if (next.done === true) break;
    chunks.push(next.value);
    size += next.value.byteLength;
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* chunks.splice(0);
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { head: Buffer.concat(chunks), all: all() };
}
