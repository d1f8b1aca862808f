import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { CorruptFileError, UnreadableValueError } from "./parquet-error.ts";
import { snappyDecompress } from "./snappy.ts";

const empty = new Uint8Array(0);

/** Decompresses a page of the codec that hyparquet's metadata name. */
export function decompress(codec: string, bytes: Uint8Array, size: number): Uint8Array {
  const page = decompressed(codec, bytes, size);
  if (page.length === size) return page;
  throw new CorruptFileError(`a page has ${page.length} bytes where its header says ${size}`);
}

function decompressed(codec: string, bytes: Uint8Array, size: number): Uint8Array {
  // A page that is larger than its header says is not unpacked any further.
  const options = { maxOutputLength: Math.max(1, size) };
  switch (codec) {
    case "UNCOMPRESSED":
      return bytes;
    case "ZSTD":
      return size === 0 ? empty : zstdDecompressSync(bytes, options);
    case "GZIP":
      return size === 0 ? empty : gunzipSync(bytes, options);
    case "BROTLI":
      return size === 0 ? empty : brotliDecompressSync(bytes, options);
    case "SNAPPY":
      return snappyDecompress(bytes, size);
    default:
      throw new UnreadableValueError(
        "Unsupported",
        `pages compressed with ${codec} are not read; read are uncompressed ones, ZSTD, SNAPPY, GZIP and BROTLI`,
      );
  }
}
