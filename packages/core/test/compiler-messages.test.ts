import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** What TypeScript says of a file of an author's. */
function compilerSays(code: string): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "flyte-ts-types-")));
  try {
    mkdirSync(join(folder, "node_modules/@flyte-ts"), { recursive: true });
    symlinkSync(join(root, "packages/core"), join(folder, "node_modules/@flyte-ts/core"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const compilerOptions = {
      noEmit: true,
      strict: true,
      target: "esnext",
      module: "nodenext",
      allowImportingTsExtensions: true,
      customConditions: ["@flyte-ts/source"],
      types: ["node"],
      typeRoots: [join(root, "node_modules/@types")],
      skipLibCheck: true,
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["flow.ts"] }));
    writeFileSync(join(folder, "flow.ts"), `import { t, task } from "@flyte-ts/core";\n${code}\n`);
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    return spawnSync(process.execPath, [tsc, "--pretty", "false"], { cwd: folder, encoding: "utf8" }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a function that returns something else is told what its task declares", () => {
  const said = compilerSays(`
export const one = task({ name: "one", output: t.string, run: () => 1 });
export const named = task({ name: "named", outputs: { a: t.string, b: t.int }, run: () => ({ a: 1, b: 2 }) });
export const typo = task({ name: "typo", output: t.int, retires: 3, run: () => 1 });
export const right = task({ name: "right", outputs: { b: t.enum(["x", "y"]) }, run: async (_) => ({ b: "x" }) });
export const nothing = task({ name: "nothing", run: () => {} });`);
  const errors = said.split(/^(?=flow\.ts)/m);
  expect(errors).toEqual([
    expect.stringMatching(/^flow\.ts\(3,.*Type 'number' is not assignable to type 'string \| Promise<string>'/s),
    expect.stringMatching(/^flow\.ts\(4,.*Type 'number' is not assignable to type 'string'/s),
    expect.stringMatching(/^flow\.ts\(5,.*'retires' does not exist.*Did you mean to write 'retries'/s),
  ]);
});
