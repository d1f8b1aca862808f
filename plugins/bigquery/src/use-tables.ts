import { FlyteContext } from "@flyte-ts/core";
import type { DatasetStore } from "@flyte-ts/core/plugin";
import { tableScheme } from "./table/table-name.ts";

/**
 * Has `bq://` datasets read by this package, in a process that does not find it by itself: code that was bundled into one
 * file, say. A project that depends on this package, and an image that names it in `FLYTE_TS_PLUGINS`, need no call.
 */
export function useBigQueryTables(context: FlyteContext = FlyteContext.default()): void {
  readTables(context.datasets);
}

/** Has the store read `bq://` datasets by this package. */
export function readTables(datasets: DatasetStore): void {
  const loader = async () => new (await import("./table/table-format.ts")).TableFormat();
  datasets.register("parquet", loader, { scheme: tableScheme });
}
