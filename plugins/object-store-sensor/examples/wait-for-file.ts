/**
 * Tasks that wait for files, in a workflow: `node examples/wait-for-file.ts`.
 *
 * The files are made here while the workflow waits for them, so that the example needs nothing else.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { t, task, workflow } from "@flyte-ts/core";
import { waitForObjectStoreFile } from "@flyte-ts/object-store-sensor";

/** Yesterday's numbers: a whole file, and not the one of the day before. */
export const numbers = waitForObjectStoreFile({
  name: "numbers",
  pollInterval: 30_000,
  backoff: { factor: 1.5, maxInterval: 300_000 },
  timeout: 6 * 3_600_000,
  stableFor: 200,
  maxAge: 24 * 3_600_000,
});

/** Three parts at least, wherever below the folder; a connector service waits for them, and no container. */
export const parts = waitForObjectStoreFile({
  name: "parts",
  match: "glob",
  atLeast: 3,
  timeout: 3_600_000,
  runsIn: "connector",
});

/** What is done when all is there. */
export const summarise = task({
  name: "summarise",
  inputs: { numbers: t.string, parts: t.string },
  output: t.string,
  run: (paths) => `there are ${paths.numbers} and ${paths.parts}`,
});

/** Both, wired: the two wait at the same time. */
export const day = workflow({
  name: "day",
  inputs: { numbers: t.string, parts: t.string },
  build: (paths) =>
    summarise({ numbers: numbers({ path: paths.numbers }).path, parts: parts({ path: paths.parts }).path }),
});

const folder = mkdtempSync(join(tmpdir(), "flyte-ts-example-"));
const report = day({ numbers: join(folder, "numbers.csv"), parts: join(folder, "**/part-*.csv") });
writeFileSync(join(folder, "numbers.csv"), "1,2,3");
for (const part of [1, 2, 3]) writeFileSync(join(folder, `part-${part}.csv`), `${part}`);
console.log(await report);
rmSync(folder, { recursive: true });
