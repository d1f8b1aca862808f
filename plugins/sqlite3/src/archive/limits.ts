import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { FlyteError } from "@flyte-ts/core/plugin";

/** How much an archive may grow when it is unpacked. */
export interface UnpackLimits {
  /** The most bytes of the unpacked file. */
  readonly maxBytes: number;
  /** The most unpacked bytes for every byte of the archive; files below `freeBytes` are free of it. */
  readonly maxRatio: number;
  readonly freeBytes: number;
}

/** 64 GiB; 250 : 1 from 256 MiB on. A database full of text shrinks to a tenth at most, an empty one to a thousandth. */
export const defaultLimits: UnpackLimits = { maxBytes: 64 * 2 ** 30, maxRatio: 250, freeBytes: 256 * 2 ** 20 };

/** Holds the limits for one archive. */
export class UnpackGuard {
  readonly #archive: string;
  readonly #archiveBytes: number;
  readonly #limits: UnpackLimits;

  /** @param archive the archive's name for messages. @param archiveBytes its size. */
  constructor(archive: string, archiveBytes: number, limits: UnpackLimits) {
    this.#archive = archive;
    this.#archiveBytes = archiveBytes;
    this.#limits = limits;
  }

  /**
   * @param bytes what an entry claims to hold, or what has come out of it so far.
   * @throws FlyteError `TooLarge`.
   */
  check(bytes: number, entry: string): void {
    const { maxBytes, maxRatio, freeBytes } = this.#limits;
    if (bytes > maxBytes) throw this.#tooLarge(`${entry} unpacks to more than ${maxBytes} bytes`);
    if (bytes > Math.max(freeBytes, maxRatio * this.#archiveBytes)) {
      throw this.#tooLarge(
        `${entry} unpacks to ${bytes} bytes or more from an archive of ${this.#archiveBytes}, beyond ${maxRatio} : 1; this is no database's archive`,
      );
    }
  }

  #tooLarge(text: string): FlyteError {
    return new FlyteError("TooLarge", `${this.#archive}: ${text}`);
  }
}

/** Writes one entry's bytes, within the guard's limits. After an error nothing is left. */
export async function writeEntry(
  source: NodeJS.ReadableStream | AsyncIterable<Uint8Array>,
  target: string,
  entry: string,
  guard: UnpackGuard,
  signal: AbortSignal,
): Promise<void> {
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.byteLength;
      try {
        guard.check(bytes, entry);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
  try {
    await pipeline(source, counted, createWriteStream(target), { signal });
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  }
}
