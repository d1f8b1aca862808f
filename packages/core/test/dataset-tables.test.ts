import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { t } from "../src/index.ts";
import {
  Dataset,
  type DatasetFormat,
  DatasetStore,
  FlyteError,
  Literal,
  localTaskContext,
  StorageRegistry,
} from "../src/plugin.ts";

/** Reads tables whose one column says which table it is. */
function tablesNamed(opened: string[]): DatasetFormat {
  return {
    format: "",
    open: async (uri) => {
      opened.push(uri);
      const columns = [{ name: "table", type: "string" as const }];
      const rows = Dataset.from([{ table: uri }], { columns });
      return { columns, rows: 1, batches: () => rows.batches() };
    },
    write: async (uri) => {
      throw new FlyteError("Unsupported", `${uri} is read only`);
    },
  };
}

test("a URI that names a table is read by the plugin that has its scheme, whatever format the literal names", async () => {
  const opened: string[] = [];
  const asked: string[] = [];
  const datasets = new DatasetStore(async (scheme) => {
    asked.push(scheme);
    return scheme === "db" ? async () => tablesNamed(opened) : undefined;
  });
  const context = { storage: new StorageRegistry(), datasets };
  for (const format of ["", "parquet"]) {
    const dataset = Dataset.open("db://p:d.t", { format }, context);
    expect(await dataset.toArray()).toEqual([{ table: "db://p:d.t" }]);
  }
  expect(opened).toEqual(["db://p:d.t", "db://p:d.t"]);
  expect(asked).toEqual(["db"]);
});

test("a loader that was registered for the scheme comes before the plugins, and schemes of files ask none", async () => {
  const opened: string[] = [];
  const datasets = new DatasetStore(async () => {
    throw new Error("no plugin is asked");
  });
  datasets.register("parquet", async () => tablesNamed(opened), { scheme: "db" });
  datasets.register("parquet", async () => tablesNamed(opened));
  const context = { storage: new StorageRegistry(), datasets };
  for (const uri of ["db://p:d.t", "s3://b/k", "/tmp/none"]) await Dataset.open(uri, {}, context).toArray();
  expect(opened).toEqual(["db://p:d.t", "s3://b/k", "/tmp/none"]);
});

test("a scheme that nobody knows is named", async () => {
  const datasets = new DatasetStore(async () => undefined);
  const context = { storage: new StorageRegistry(), datasets };
  await expect(Dataset.open("db://p:d.t", {}, context).toArray()).rejects.toThrow('"db"');
});

test("a table has no format, and is passed on as it is", async () => {
  const datasets = new DatasetStore(async () => undefined);
  const context = { storage: new StorageRegistry(), datasets };
  expect(Dataset.open("db://p:d.t", {}, context).format).toBe("");
  expect(Dataset.open("s3://b/k", {}, context).format).toBe("parquet");
  const { storage, types, ...rest } = await localTaskContext({ task: "t" });
  const conversion = { ...rest, storage, types, datasets };
  const type = t.dataset();
  const literal = await type.toLiteral(Dataset.open("db://p:d.t", {}, context), conversion);
  expect(Literal.toJson(literal)).toEqual({
    scalar: { structuredDataset: { uri: "db://p:d.t", metadata: { structuredDatasetType: {} } } },
  });
  const passedOn = await type.toNative(literal, conversion);
  expect(Literal.toJson(await type.toLiteral(passedOn, conversion))).toEqual(Literal.toJson(literal));
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test.each([
  ["the project in the working directory depends on", undefined, { "db-plugin": "*" }],
  ["FLYTE_TS_PLUGINS names", "db-plugin", {}],
])("a plugin that %s is asked for its tables", async (_, named, dependencies) => {
  const folder = mkdtempSync(join(tmpdir(), "flyte-ts-tables-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const plugin = join(folder, "node_modules/db-plugin");
  mkdirSync(plugin, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "project", dependencies }));
  const parts = { name: "db-plugin", type: "module", exports: { "./plugin": "./plugin.js" } };
  writeFileSync(join(plugin, "package.json"), JSON.stringify({ ...parts, "flyte-ts": { plugin: "./plugin" } }));
  writeFileSync(
    join(plugin, "plugin.js"),
    `const open = async (uri) => ({ columns: [{ name: uri, type: "string" }], rows: 0, async *batches() {} });
     const tables = { db: async () => ({ format: "", open }) };
     export default { specVersion: 1, name: "db-plugin", version: "1.0.0", provides: { tables } };`,
  );
  vi.spyOn(process, "cwd").mockReturnValue(folder);
  vi.stubEnv("FLYTE_TS_PLUGINS", named);
  const context = { storage: new StorageRegistry(), datasets: new DatasetStore() };
  expect(await Dataset.open("db://p:d.t", {}, context).schema).toEqual([{ name: "db://p:d.t", type: "string" }]);
});
