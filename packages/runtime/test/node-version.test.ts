import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("../bin/flyte-ts-execute.js", import.meta.url));

test("an older Node is told which one is needed, before anything is loaded", async () => {
  const asNode20 = 'data:text/javascript,Object.defineProperty(process.versions, "node", { value: "20.19.0" })';
  const run = promisify(execFile)(process.execPath, ["--import", asNode20, program, "--help"]);
  await expect(run).rejects.toMatchObject({
    code: 1,
    stderr: `flyte-ts-execute needs Node 22.18 or newer; this is 20.19.0 (${process.execPath})\n`,
  });
});
