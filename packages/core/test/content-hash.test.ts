import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dataset, t } from "@flyte-ts/core";
import { type ConversionContext, DatasetStore, type RecordBatch } from "@flyte-ts/core/plugin";
import { afterAll, beforeAll, expect, test } from "vitest";
import { localTaskContext } from "../src/local/local-context.ts";

let directory: string;
let context: ConversionContext;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "flyte-ts-hash-"));
  context = await localTaskContext({ task: "hash", directory });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const hashOf = async (type: { toLiteral(value: never, context: ConversionContext): unknown }, value: unknown) =>
  ((await type.toLiteral(value as never, context)) as { hash: string }).hash;

test("a file's hash is its content's, wherever it is and whatever it is called", async () => {
  const [one, two, other] = ["one.txt", "two.txt", "other.txt"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  await Promise.all([writeFile(one, "same"), writeFile(two, "same"), writeFile(other, "other")]);
  const type = t.file("txt").hashed();
  expect(await hashOf(type, one)).toBe("0967115f2813a3541eaef77de9d9d5773f1c0c04314b0bbfe4ff3b3b1c55b5d5");
  expect(await hashOf(type, two)).toBe(await hashOf(type, one));
  expect(await hashOf(type, other)).not.toBe(await hashOf(type, one));
  expect(await hashOf(t.file("txt"), one)).toBe("");
  const list = await t.list(type).toLiteral([one, two], context);
  expect(list.value.value).toMatchObject({ literals: [{ hash: await hashOf(type, one) }, {}] });
});

test("a folder's hash is that of its files and their names", async () => {
  const folder = async (name: string, files: Readonly<Record<string, string>>): Promise<string> => {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(join(directory, name, file, ".."), { recursive: true });
      await writeFile(join(directory, name, file), text);
    }
    return join(directory, name);
  };
  const type = t.directory().hashed();
  const one = await hashOf(type, await folder("a", { x: "1", "deep/y": "2" }));
  expect(one).toMatch(/^[0-9a-f]{64}$/);
  expect(await hashOf(type, await folder("b", { x: "1", "deep/y": "2" }))).toBe(one);
  expect(await hashOf(type, await folder("c", { x: "1", "deep/z": "2" }))).not.toBe(one);
  expect(await hashOf(type, await folder("d", { x: "1", "deep/y": "3" }))).not.toBe(one);
});

test("a dataset's hash is that of its rows, in whichever batches and format they are", async () => {
  const columns = { id: t.int, name: t.string, at: t.datetime };
  const rows = (last: string | null) => [
    { id: 1, name: "a", at: new Date(0) },
    { id: null, name: last, at: null },
  ];
  const type = t.dataset({ columns }).hashed();
  const one = await hashOf(type, Dataset.from(rows("b")));
  expect(one).toMatch(/^[0-9a-f]{64}$/);
  expect(await hashOf(t.dataset({ columns, format: "csv" }).hashed(), Dataset.from(rows("b")))).toBe(one);
  expect(await hashOf(type, Dataset.from(rows("c")))).not.toBe(one);
  expect(await hashOf(type, Dataset.from(rows(null)))).not.toBe(one);
  expect(await hashOf(type, Dataset.from(rows("b").reverse()))).not.toBe(one);
});

test("any value may have a hash of the author's own, besides a description and a default", async () => {
  const type = t.string
    .hashed((text) => `length ${text.length}`)
    .describe("a text")
    .default("x");
  expect(await hashOf(type, "four")).toBe("length 4");
  expect(type.description).toBe("a text");
  expect(type.defaultValue).toBe("x");
});

test("a format may be one scheme's own", async () => {
  const store = new DatasetStore();
  const format = (name: string) => async () => ({
    format: name,
    write: async () => ({ rows: 0 }),
    open: async () => ({
      columns: [{ name, type: "string" as const }],
      rows: 0,
      async *batches(): AsyncGenerator<RecordBatch> {},
    }),
  });
  store.register("table", format("general"));
  store.register("table", format("special"), { scheme: "bq" });
  const opened = async (uri: string) => (await store.open(uri, "Table", context)).columns[0]?.name;
  expect(await opened("s3://bucket/x")).toBe("general");
  expect(await opened("bq://project.dataset.table")).toBe("special");
  await expect(store.open("x", "constructor", context)).rejects.toThrow('no dataset format is called "constructor"');
});
