import { constants, zstdCompress } from "node:zlib";

/** The number of Zstandard among Parquet's codecs (parquet.thrift, `CompressionCodec`). */
export const zstdCodec = 6;

/** Compresses a page in a thread of its own. `page` must stay as it is until this resolves. */
export function compress(page: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    zstdCompress(
      page,
      {
        // One output buffer that is always large enough: the bound is that of ZSTD_compressBound.
        chunkSize: Math.max(64, page.length + (page.length >> 8) + 512),
        params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
      },
      (error, compressed) => (error === null ? resolve(compressed) : reject(error)),
    );
  });
}
