import { describe, expect, it } from "vitest";
import { house } from "../house.ts";
import { ScratchProject } from "./scratch-project.ts";

const src = "packages/core/src/task/task.ts";
const test = "packages/core/test/task.test.ts";
// In parts, so that the check does not find them here.
const only = `it.${"only"}("x", () => {});`;
const waiting = `await new Promise((done) => ${"setTimeout"}(done, 5));`;
const loose = `await expect(run()).rejects.toMatchObject({ ${"message"}: /wrong/ });`;
const cast = `const a = b as ${"unknown"} as string;`;
const host = ["registry", "npmjs", "org"].join(".");

async function findings(files: Readonly<Record<string, string | object>>): Promise<readonly string[]> {
  using scratch = new ScratchProject({ [src]: "export const a = 1;\n", ...files });
  return (await house.run(scratch.project())).findings;
}

describe("the house rules", () => {
  it("pass for a small file with a good name", async () => {
    expect(await findings({ [test]: "it('x', () => clock.sleep(5));\n" })).toEqual([]);
  });

  it.each([
    ["a giant", src, "\n".repeat(501), "501 lines"],
    ["too many long files", src, "\n".repeat(351), "5% may"],
    ["a drawer", "packages/core/src/utils.ts", "", "a name says what is in it"],
    ["a deep folder", "packages/core/src/a/b/c.ts", "", "one level deep"],
    ["a face inside", "packages/core/src/a/index.ts", "", "package's face only"],
    ["a test that hides the others", test, only, "every test runs"],
    ["a sleep", test, waiting, "no timer in a test"],
    ["an expectation that everything meets", test, loose, "expect.stringMatching"],
    ["a cast through unknown", src, cast, "no way round the compiler"],
    ["mutable module state", src, "let a = 1;", "no mutable module state"],
    ["the host of a registry", "notes.txt", `https://${host}/a`, "a fact of one machine"],
  ])("name %s", async (_, file, text, message) => {
    expect(await findings({ [file]: text })).toEqual([expect.stringContaining(message)]);
  });

  it("leave what a test gives to another program alone", async () => {
    expect(await findings({ [test]: `start(${JSON.stringify(waiting)});\n` })).toEqual([]);
  });

  it("leave comments alone", async () => {
    expect(await findings({ [src]: `// ${cast}\n/**\n * ${cast}\n */\n` })).toEqual([]);
  });
});
