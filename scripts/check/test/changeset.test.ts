import { describe, expect, it } from "vitest";
import { changeset } from "../changeset.ts";
import { manifest, ScratchProject } from "./scratch-project.ts";

const released = {
  "packages/core/package.json": manifest("@flyte-ts/core"),
  "packages/core/src/index.ts": "export {};\n",
  "plugins/one/package.json": manifest("@flyte-ts/one"),
  "docs/api/core.plugin.api.md": "before\n",
};
const named = (name: string, step: string): string => `---\n"${name}": ${step}\n---\n\nIt is better.\n`;

async function findings(scratch: ScratchProject): Promise<readonly string[]> {
  return (await changeset.run(scratch.project())).findings;
}

function changed(): ScratchProject {
  const scratch = new ScratchProject(released);
  scratch.commit();
  scratch.write({ "packages/core/src/index.ts": "export const a = 1;\n" });
  return scratch;
}

describe("a changeset", () => {
  it("is not asked for when nothing changed", async () => {
    using scratch = new ScratchProject(released);
    scratch.commit();
    scratch.write({ "packages/core/test/a.test.ts": "export {};\n" });
    expect(await findings(scratch)).toEqual([]);
  });

  it("is asked for when a source changed, committed or not", async () => {
    using scratch = changed();
    expect(await findings(scratch)).toEqual([expect.stringContaining("no .changeset/*.md names @flyte-ts/core")]);
    scratch.commit();
    expect(await findings(scratch)).toHaveLength(1);
    scratch.write({ ".changeset/a.md": named("@flyte-ts/core", "patch") });
    expect(await findings(scratch)).toEqual([]);
  });

  it("is asked for against the branch that the remote has", async () => {
    using scratch = changed();
    scratch.commit();
    scratch.git("update-ref", "refs/remotes/origin/main", "HEAD");
    expect(await findings(scratch)).toEqual([]);
    scratch.write({ "plugins/one/src/index.ts": "export {};\n" });
    scratch.commit();
    expect(await findings(scratch)).toEqual([expect.stringContaining("@flyte-ts/one")]);
  });

  it("is not asked for again once the package has a new version", async () => {
    using scratch = changed();
    scratch.write({ "packages/core/package.json": manifest("@flyte-ts/core", { version: "1.1.0" }) });
    scratch.commit();
    expect(await findings(scratch)).toEqual([]);
  });

  it("is asked for every plugin when a major of core changes the plugins' door", async () => {
    using scratch = changed();
    scratch.write({ ".changeset/a.md": named("@flyte-ts/core", "major") });
    expect(await findings(scratch)).toEqual([]);
    scratch.write({ "docs/api/core.plugin.api.md": "after\n" });
    expect(await findings(scratch)).toEqual([expect.stringContaining("name @flyte-ts/one in a changeset")]);
    scratch.write({ ".changeset/b.md": named("@flyte-ts/one", "major") });
    expect(await findings(scratch)).toEqual([]);
  });
});
