import { type DatasetFormat, joinUri } from "@flyte-ts/core/plugin";
import { csvFileName } from "./csv-file-name.ts";
import { csvBytes } from "./csv-writer.ts";

/** CSV, as pandas writes and reads it. */
export const csvFormat: DatasetFormat = {
  format: "csv",

  async write(uri, source, { storage, signal }) {
    let rows = 0;
    async function* body(): AsyncGenerator<Uint8Array> {
      rows = yield* csvBytes(source);
    }
    await storage.write(joinUri(uri, csvFileName), body(), { signal, contentType: "text/csv" });
    return { rows };
  },

  async open(uri, context, declared) {
    const { openCsv } = await import("./csv-reader.ts");
    return openCsv(uri, context, declared);
  },
};
