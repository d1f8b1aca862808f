import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Dataset } from "@flyte-ts/core";
import { expect, test } from "vitest";
import { place } from "./place.ts";

test("storing writes once: the same dataset again, under whichever URI, is the stored one", async () => {
  await using here = await place();
  const given = Dataset.from([{ a: 1 }]);
  const uri = join(here.folder, "x");
  const stored = await given.store(here, uri);
  expect({ uri: stored.uri, format: stored.format }).toEqual({ uri, format: "parquet" });
  expect({ uri: given.uri, format: given.format }).toEqual({ uri, format: "parquet" });
  const other = join(here.folder, "y");
  expect(await given.store(here, other, "Parquet")).toBe(stored);
  expect(await stored.store(here, other)).toBe(stored);
  expect(await readdir(here.folder)).toEqual(["x"]);
});

test("what was stored from a generator can be read again", async () => {
  await using here = await place();
  function* rows() {
    for (let id = 0; id < 5; id++) yield { id };
  }
  const given = Dataset.from(rows());
  await given.store(here, join(here.folder, "x"));
  expect((await given.toArray()).length).toBe(5);
  expect((await given.toArray()).length).toBe(5);
});

test("rows that do not fit leave nothing behind, and storing can be tried again", async () => {
  await using here = await place();
  const uri = join(here.folder, "x");
  const rows: { a: unknown }[] = [{ a: 1 }, { a: "x" }];
  const given = Dataset.from(rows, { columns: [{ name: "a", type: "integer" }] });
  await expect(given.store(here, uri)).rejects.toThrow('row 1 (from 0), column "a": "x" does not fit');
  expect(given.uri).toBeUndefined();
  expect(await here.storage.stat(join(uri, "00000"))).toBeUndefined();
  rows.pop();
  expect(await (await given.store(here, uri)).toArray()).toEqual([{ a: 1 }]);
});

test("declared columns choose, order and convert what is read, and can make bigints", async () => {
  await using here = await place();
  const uri = join(here.folder, "x");
  await Dataset.from([{ a: 1, b: true, c: 7n }], {
    columns: [
      { name: "a", type: "integer" },
      { name: "b", type: "boolean" },
      { name: "c", type: "integer" },
    ],
  }).store(here, uri);
  const columns = [
    { name: "c", type: "integer" as const, as: "bigint" as const },
    { name: "a", type: "float" as const },
  ];
  const dataset = Dataset.open<{ c: bigint; a: number }>(uri, { columns }, here);
  expect(await dataset.toArray()).toEqual([{ c: 7n, a: 1 }]);
  expect(await dataset.schema).toEqual([
    { name: "c", type: "integer" },
    { name: "a", type: "float" },
  ]);
  const missing = Dataset.open(uri, { columns: [{ name: "z", type: "integer" }] }, here);
  await expect(missing.toArray()).rejects.toThrow(/has no column "z"; it has a, b, c/);
});

test("opening reads nothing until it must, and an error does not stick", async () => {
  await using here = await place();
  const uri = join(here.folder, "x");
  const early = Dataset.open<{ a: number }>(uri, {}, here);
  await expect(early.toArray()).rejects.toMatchObject({ code: "NotFound" });
  await Dataset.from([{ a: 1 }]).store(here, uri);
  expect(await early.toArray()).toEqual([{ a: 1 }]);
});

test("an aborted signal ends reading and writing with its reason", async () => {
  await using here = await place();
  const uri = join(here.folder, "x");
  await Dataset.from([{ a: 1 }]).store(here, uri);
  const reason = new Error("enough");
  const context = { storage: here.storage, datasets: here.datasets, signal: AbortSignal.abort(reason) };
  await expect(Dataset.open(uri, {}, context).toArray()).rejects.toBe(reason);
  await expect(Dataset.from([{ a: 1 }]).store(context, join(here.folder, "y"))).rejects.toBe(reason);
  expect(await readdir(here.folder)).toEqual(["x"]);
});

test("an unknown format names those that are there", async () => {
  await using here = await place();
  await expect(Dataset.from([{ a: 1 }]).store(here, here.folder, "orc")).rejects.toThrow(/"orc"; known are .*parquet/);
});
