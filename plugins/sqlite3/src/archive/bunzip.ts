import { closeSync, openSync, readSync, writeSync } from "node:fs";
import type { UnpackGuard } from "./limits.ts";

const bufferBytes = 1 << 18;

/**
 * Decodes a bzip2 file into another. Node has no decoder, and the library's takes byte by byte and is not interrupted:
 * some 10 MB a second, in constant memory.
 * @throws FlyteError `TooLarge`; the library's own errors for what is damaged.
 */
export async function bunzip(path: string, target: string, guard: UnpackGuard): Promise<void> {
  const { default: decoder } = await import("seek-bzip");
  const from = openSync(path, "r");
  const to = openSync(target, "w");
  try {
    const output = new FileOutput(to, guard);
    decoder.decode(new FileInput(from), output, true);
    output.flush();
  } finally {
    closeSync(from);
    closeSync(to);
  }
}

class FileInput {
  readonly #file: number;
  readonly #buffer = Buffer.allocUnsafe(bufferBytes);
  #at = 0;
  #end = 0;

  constructor(file: number) {
    this.#file = file;
  }

  readByte(): number {
    if (this.eof()) throw new Error("the file ends in the middle of a block");
    return this.#buffer[this.#at++] ?? 0;
  }

  /** Fills a part of `target`; as many bytes as there are. */
  read(target: Uint8Array, offset: number, length: number): number {
    let count = 0;
    while (count < length && !this.eof()) target[offset + count++] = this.readByte();
    return count;
  }

  eof(): boolean {
    if (this.#at < this.#end) return false;
    this.#at = 0;
    this.#end = readSync(this.#file, this.#buffer, 0, bufferBytes, null);
    return this.#end === 0;
  }
}

class FileOutput {
  readonly #file: number;
  readonly #guard: UnpackGuard;
  readonly #buffer = Buffer.allocUnsafe(bufferBytes);
  #at = 0;
  #written = 0;

  constructor(file: number, guard: UnpackGuard) {
    this.#file = file;
    this.#guard = guard;
  }

  writeByte(byte: number): void {
    if (this.#at === bufferBytes) this.flush();
    this.#buffer[this.#at++] = byte;
  }

  flush(): void {
    this.#written += this.#at;
    this.#guard.check(this.#written, "the file");
    for (let at = 0; at < this.#at; ) at += writeSync(this.#file, this.#buffer, at, this.#at - at);
    this.#at = 0;
  }
}
