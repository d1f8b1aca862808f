import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { publish } from "../storage/publish.ts";

test("files that match are copied, and marked as published once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "flyte-publish-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "raw"));
  for (const name of ["2024-01.csv", "2024-02.csv", "2025-01.csv"]) await writeFile(join(folder, "raw", name), name);
  const inputs = { pattern: `${folder}/raw/2024-*.csv`, folder: join(folder, "table") };
  expect(await publish(inputs)).toEqual({ files: 2, published: true });
  expect(await publish(inputs)).toEqual({ files: 2, published: false });
  expect((await readdir(inputs.folder)).sort()).toEqual(["2024-01.csv", "2024-02.csv", "_SUCCESS"]);
});
