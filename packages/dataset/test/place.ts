import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DatasetContext, DatasetStore, StorageRegistry } from "@flyte-ts/core/plugin";
import { formats } from "@flyte-ts/dataset";

/** A storage, the formats of the package, and a folder that `dispose` removes. */
export interface Place extends DatasetContext, AsyncDisposable {
  readonly folder: string;
}

/** A new place on the local file system. */
export async function place(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "flyte-ts-dataset-"));
  const datasets = new DatasetStore();
  for (const [name, load] of Object.entries(formats)) datasets.register(name, load);
  return {
    folder,
    datasets,
    storage: new StorageRegistry(),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
