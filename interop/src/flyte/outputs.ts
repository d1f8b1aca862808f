import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type AnyRow, Dataset, FlyteContext, type NativeOf, type Types } from "@flyte-ts/core";
import { type ConversionContext, LiteralMap } from "@flyte-ts/core/plugin";
import type { FlyteClient } from "./client.ts";

/** The outputs of an execution as native values. Files and datasets stay in the cluster's store. */
export async function remoteOutputs<Outputs extends Types>(
  client: FlyteClient,
  execution: string,
  types: Outputs,
  folder: string,
): Promise<{ readonly [K in keyof Outputs]: NativeOf<Outputs[K]> }> {
  const file = join(folder, `${execution}-outputs.pb`);
  await client.outputs(execution, file);
  const { literals } = LiteralMap.decode(await readFile(file));
  const { storage, datasets, types: engine } = FlyteContext.default();
  const context: ConversionContext = {
    storage,
    datasets,
    types: engine,
    signal: new AbortController().signal,
    workingDirectory: folder,
    newOutputUri: () => join(folder, randomUUID()),
  };
  const natives = Object.entries(types).map(async ([name, type]) => {
    const literal = literals[name];
    if (literal === undefined) throw new Error(`the execution ${execution} has no output "${name}"`);
    return [name, await type.toNative(literal, context)] as const;
  });
  return Object.fromEntries(await Promise.all(natives)) as { [K in keyof Outputs]: NativeOf<Outputs[K]> };
}

/** A dataset of the cluster's store, fetched here, and opened with our reader. */
export async function fetched<Row extends object = AnyRow>(
  client: FlyteClient,
  dataset: Dataset<Row>,
  folder: string,
): Promise<Dataset<Row>> {
  if (dataset.uri === undefined) throw new Error("the dataset is stored nowhere");
  const path = join(folder, randomUUID());
  await client.download(dataset.uri, path);
  return Dataset.open<Row>(path, {}, FlyteContext.default());
}
