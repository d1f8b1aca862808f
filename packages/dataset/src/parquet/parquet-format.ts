import { type DatasetFormat, datasetFile } from "@flyte-ts/core/plugin";
import { parquetBytes } from "./parquet-writer.ts";

/** Parquet. */
export const parquetFormat: DatasetFormat = {
  format: "parquet",

  async write(uri, source, { storage, signal }) {
    let rows = 0;
    async function* body(): AsyncGenerator<Uint8Array> {
      rows = yield* parquetBytes(source);
    }
    await storage.write(datasetFile(uri), body(), { signal, contentType: "application/vnd.apache.parquet" });
    return { rows };
  },

  async open(uri, context) {
    const { openParquet } = await import("./parquet-reader.ts");
    return openParquet(uri, context);
  },
};
