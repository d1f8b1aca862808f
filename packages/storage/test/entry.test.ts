import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { storages } from "@flyte-ts/storage";
import { expect, test } from "vitest";

const script = `
  import { registerHooks } from "node:module";
  const files = [];
  registerHooks({ load: (url, context, next) => (files.push(url.split("/").slice(-2).join("/")), next(url, context)) });
  const builtin = new Set(process.moduleLoadList);
  await import("@flyte-ts/storage");
  const more = process.moduleLoadList.filter((name) => !builtin.has(name) && /http|crypto|zlib|stream|net$/.test(name));
  console.log(JSON.stringify({ files, more }));
`;

test("importing the package loads one file, and nothing of Node's that it did not have", async () => {
  const args = ["--conditions=@flyte-ts/source", "--input-type=module", "--no-warnings", "--eval", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname });
  expect(JSON.parse(stdout)).toEqual({ files: ["src/index.ts"], more: [] });
});

test("there is a store for every scheme that is promised", () => {
  expect(Object.keys(storages).sort()).toEqual([
    "abfs",
    "abfss",
    "az",
    "gcs",
    "gs",
    "http",
    "https",
    "memory",
    "s3",
    "s3a",
    "wasb",
    "wasbs",
  ]);
});
