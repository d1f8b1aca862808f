import { type FileMetaData, parquetScan, type RowGroup } from "hyparquet";
import type { RangeFile } from "./dataset-files.ts";
import { decompress } from "./decompression.ts";
import { readable } from "./parquet-error.ts";

const codecs = ["ZSTD", "GZIP", "BROTLI", "SNAPPY", "LZ4", "LZ4_RAW", "LZO"];

/** The values of a nested column in one row group, whole in memory, as JSON text; undefined for NULL. */
export async function nestedValues(
  file: RangeFile,
  metadata: FileMetaData,
  group: RowGroup,
  column: string,
): Promise<(string | undefined)[]> {
  const rowStart = metadata.row_groups
    .slice(0, metadata.row_groups.indexOf(group))
    .reduce((sum, { num_rows }) => sum + Number(num_rows), 0);
  const rowEnd = rowStart + Number(group.num_rows);
  if (rowEnd === rowStart) return [];
  const slice = async (start: number, end?: number): Promise<ArrayBuffer> =>
    (await file.read(start, end ?? file.size)).slice().buffer;
  let values: ArrayLike<unknown> = [];
  try {
    const scan = await parquetScan({
      file: { byteLength: file.size, slice },
      metadata,
      columns: [column],
      geoparquet: false,
      compressors: Object.fromEntries(
        codecs.map((codec) => [codec, (bytes: Uint8Array, size: number) => decompress(codec, bytes, size)]),
      ),
    });
    values = await scan.readColumn({ column, rowStart, rowEnd });
  } catch (error) {
    readable(file.uri, () => {
      throw error;
    });
  }
  return Array.from(values, (value) => (value === null || value === undefined ? undefined : jsonText(value)));
}

/** JSON with exact integers, times as ISO texts and bytes in base64. */
function jsonText(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "bigint") return String(value);
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString("base64"));
  if (ArrayBuffer.isView(value)) return `[${Array.from(value as Int32Array, jsonText).join(",")}]`;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`)
    .join(",")}}`;
}
