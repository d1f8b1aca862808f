import { describe, expect, it } from "vitest";
import { imports } from "../imports.ts";
import { moduleImports } from "../module-imports.ts";
import { manifest, ScratchProject } from "./scratch-project.ts";

const contracts = [
  "context/task-context",
  "context/checkpoint",
  "dataset/dataset-format",
  "storage/storage",
  "task/executable-task",
  "task/shim-task-executor",
  "task/task-resolver",
];

/** A repository in which everything is as it should be. */
const sound = {
  ...Object.fromEntries(contracts.map((name) => [`packages/core/src/${name}.ts`, "export interface A {}\n"])),
  "packages/idl/package.json": manifest("@flyte-ts/idl"),
  "packages/core/package.json": manifest("@flyte-ts/core", { dependencies: { "@flyte-ts/idl": "^1.0.0" } }),
  "packages/core/src/index.ts": 'import "@flyte-ts/idl";\nimport "node:fs";\n',
  "packages/storage/package.json": manifest("@flyte-ts/storage", { peerDependencies: { "@flyte-ts/core": "^1.0.0" } }),
  "plugins/one/package.json": manifest("@flyte-ts/one", { peerDependencies: { "@flyte-ts/core": "^1.0.0" } }),
  "plugins/one/src/index.ts": 'import { a } from "@flyte-ts/core";\n',
  "plugins/two/package.json": manifest("@flyte-ts/two"),
};

async function findings(files: Readonly<Record<string, string | object>>): Promise<readonly string[]> {
  using scratch = new ScratchProject({ ...sound, ...files });
  return (await imports.run(scratch.project())).findings;
}

describe("the import rules", () => {
  it("pass where the arrows are kept", async () => {
    expect(await findings({})).toEqual([]);
  });

  it.each([
    ["a plugin that imports another", "plugins/one/src/a.ts", 'import "@flyte-ts/two";', "plugins/one may import"],
    ["an arrow the wrong way", "packages/storage/src/a.ts", 'import type { A } from "@flyte-ts/idl";', "may import"],
    ["a door that is not there", "plugins/one/src/a.ts", 'import "@flyte-ts/core/src/index.ts";', "has the doors ."],
    [
      "a path into another package",
      "plugins/one/src/a.ts",
      'export * from "../../../packages/core/src/index.ts";',
      "a path out of",
    ],
    ["what no package.json admits", "plugins/one/src/a.ts", 'await import("left-pad");', "names left-pad in no"],
    ["an early import of what comes late", "packages/core/src/a.ts", 'import "@flyte-ts/storage";', "only by import()"],
    ["a builtin without its scheme", "plugins/one/src/a.ts", 'import "fs";', 'say "node:fs"'],
    ["its own name", "plugins/one/src/a.ts", 'import "@flyte-ts/one";', "relative paths"],
    ["code in a contract", "packages/core/src/storage/storage.ts", 'import { a } from "../index.ts";', "types only"],
    ["a long contract", "packages/core/src/storage/storage.ts", "\n".repeat(151), "at most 150"],
  ])("name %s", async (_, file, text, message) => {
    expect(await findings({ [file]: `${text}\n` })).toEqual([expect.stringContaining(message)]);
  });

  it("let a test import what only tests need", async () => {
    const admitted = manifest("@flyte-ts/two", { devDependencies: { yaml: "*" } });
    expect(
      await findings({ "plugins/two/package.json": admitted, "plugins/two/test/a.test.ts": 'import "yaml";' }),
    ).toEqual([]);
    expect(
      await findings({ "plugins/two/package.json": admitted, "plugins/two/src/a.ts": 'import "yaml";' }),
    ).toHaveLength(1);
  });
});

describe("the imports of a module", () => {
  it("are told apart by when they load", () => {
    const text = [
      'import type { A } from "a";',
      'import { type B, c } from "b";',
      'export type { D } from "d";',
      'const e = () => import("e");',
      '// import "comment";',
      'const text = "import f from \\"f\\"";',
    ].join("\n");
    expect(moduleImports("m.ts", text)).toEqual([
      { specifier: "a", kind: "type", line: 1 },
      { specifier: "b", kind: "value", line: 2 },
      { specifier: "d", kind: "type", line: 3 },
      { specifier: "e", kind: "dynamic", line: 4 },
    ]);
  });
});
