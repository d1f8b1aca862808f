import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { api } from "../api.ts";
import { Project } from "../project.ts";
import { manifest, ScratchProject } from "./scratch-project.ts";

/** A project whose packages are built already. */
class BuiltProject extends Project {
  override build(): Promise<void> {
    return Promise.resolve();
  }
}

const typings = "packages/core/dist/index.d.ts";
const documented = "/** What is in it. */\nexport interface Box {\n  readonly content: string;\n}\n";

function scratchWith(text: string): ScratchProject {
  const scratch = new ScratchProject({ "packages/core/package.json": manifest("@flyte-ts/core"), [typings]: text });
  mkdirSync(join(scratch.root, "node_modules"));
  symlinkSync(join(import.meta.dirname, "../../../node_modules/@types"), join(scratch.root, "node_modules/@types"));
  return scratch;
}

async function findings({ root }: ScratchProject, update = false): Promise<readonly string[]> {
  return (await api.run(new BuiltProject(root, { scratch: join(root, "scratch"), update }))).findings;
}

describe("the report of a door", () => {
  it("is asked for when it is new, and written on request", async () => {
    using scratch = scratchWith(documented);
    expect(await findings(scratch)).toEqual([expect.stringContaining("core.index.api.md is not there")]);
    expect(await findings(scratch, true)).toEqual([]);
    expect(await findings(scratch)).toEqual([]);
  });

  it("differs when the surface changes", async () => {
    using scratch = scratchWith(documented);
    await findings(scratch, true);
    scratch.write({ [typings]: documented.replace("string", "number") });
    expect(await findings(scratch)).toEqual([expect.stringContaining("api --update")]);
  });

  it("stays the same when only words change", async () => {
    using scratch = scratchWith(documented);
    await findings(scratch, true);
    scratch.write({ [typings]: documented.replace("What is in it.", "Something with a content.") });
    expect(await findings(scratch)).toEqual([]);
  });

  it("has no export without a doc comment, even on request", async () => {
    using scratch = scratchWith(`${documented}export declare function open(box: Box): string;\n`);
    const expected = [`${typings}:5: open has no doc comment`];
    expect(await findings(scratch, true)).toEqual(expected);
    expect(await findings(scratch)).toEqual(expected);
  });

  it("is removed with its door", async () => {
    using scratch = scratchWith(documented);
    await findings(scratch, true);
    scratch.write({ "docs/api/core.old.api.md": "" });
    expect(await findings(scratch)).toEqual([expect.stringContaining("core.old.api.md: there is no such door")]);
  });
});
