import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConversionContext } from "../context/task-context.ts";
import { outputUri } from "../storage/unique-name.ts";
import type { HostParts } from "./host-parts.ts";

/** Runs a conversion of literals: its temporary files are gone afterwards, what it uploads stands below the prefix. */
export async function withConversion<R>(
  { storage, datasets, types }: Pick<HostParts, "storage" | "datasets" | "types">,
  outputPrefix: string,
  signal: AbortSignal,
  run: (context: ConversionContext) => Promise<R>,
): Promise<R> {
  let working: string | undefined;
  const context: ConversionContext = {
    storage,
    datasets,
    types,
    signal,
    get workingDirectory() {
      working ??= mkdtempSync(join(tmpdir(), "flyte-ts-"));
      return working;
    },
    newOutputUri: (name) => outputUri(outputPrefix, name),
  };
  try {
    return await run(context);
  } finally {
    if (working !== undefined) await rm(working, { recursive: true, force: true });
  }
}
