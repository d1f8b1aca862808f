import { expect, test } from "vitest";
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
