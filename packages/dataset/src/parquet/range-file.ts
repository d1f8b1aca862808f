import { type DatasetFormatContext, FlyteError } from "@flyte-ts/core/plugin";

/** Files up to this size are read at once: one request costs more than these bytes. */
const smallFile = 512 << 10;

/** A file of which any range can be read. */
export class RangeFile {
  readonly uri: string;
  readonly size: number;
  readonly #context: DatasetFormatContext;
  #whole: Uint8Array<ArrayBuffer> | undefined;

  private constructor(uri: string, size: number, context: DatasetFormatContext, whole?: Uint8Array<ArrayBuffer>) {
    this.uri = uri;
    this.size = size;
    this.#context = context;
    this.#whole = whole;
  }

  /** Opens a file; one whose size the store does not tell is read whole. */
  static async open(uri: string, size: number | undefined, context: DatasetFormatContext): Promise<RangeFile> {
    if (size !== undefined && size > smallFile) return new RangeFile(uri, size, context);
    const whole = await readAll(uri, context);
    return new RangeFile(uri, whole.length, context, whole);
  }

  /**
   * The bytes from `start` to before `end`.
   * @throws FlyteError `InvalidInput` where the file ends before that.
   */
  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    if (!(start >= 0 && start <= end && end <= this.size)) {
      throw new FlyteError(
        "InvalidInput",
        `${this.uri} is damaged: it speaks of the bytes ${start} to ${end}, and has ${this.size}`,
      );
    }
    if (this.#whole !== undefined) return this.#whole.subarray(start, end);
    const bytes = await readAll(this.uri, this.#context, start, end);
    if (bytes.length === end - start) return bytes;
    throw new FlyteError("Unavailable", `${this.uri} gave ${bytes.length} bytes where ${end - start} were asked for`);
  }
}

async function readAll(
  uri: string,
  { storage, signal }: DatasetFormatContext,
  start?: number,
  end?: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const range = start === undefined || end === undefined ? {} : { start, end };
  for await (const chunk of storage.read(uri, { signal, ...range })) {
    chunks.push(chunk);
    length += chunk.length;
  }
  // In a buffer of its own, which begins at an address that suits every typed array.
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
