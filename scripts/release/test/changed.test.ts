import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { command } from "../../check/command.ts";
import { Project } from "../../check/project.ts";
import { imagePlans } from "../../images/plan.ts";
import { plannedImages, unreleasedImages } from "../changed.ts";

let root: string;
let scratch: string;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "flyte-ts-changed-"));
  scratch = mkdtempSync(join(tmpdir(), "flyte-ts-changed-scratch-"));
  write("package.json", { name: "flyte-ts", private: true, workspaces: ["packages/*", "plugins/*"] });
  write("package-lock.json", { lockfileVersion: 3, packages: {} });
  write(".changeset/config.json", { baseBranch: "main" });
  pack("packages/runtime", "@flyte-ts/runtime", "1.0.0");
  pack("plugins/sqlite3", "@flyte-ts/sqlite3", "1.0.0");
  pack("plugins/sleep", "@flyte-ts/sleep", "1.0.0");
  pack("plugins/imageless", "@flyte-ts/imageless", "1.0.0");
  for (const folder of ["images/runtime", "plugins/sqlite3", "plugins/sleep"]) write(`${folder}/Dockerfile`, "FROM x");
  await git("init", "--quiet", "--initial-branch=main");
  await commit("first");
});
afterEach(() => {
  for (const folder of [root, scratch]) rmSync(folder, { recursive: true, force: true });
});

function write(file: string, content: unknown): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), typeof content === "string" ? content : JSON.stringify(content));
}
const pack = (folder: string, name: string, version: string) => write(`${folder}/package.json`, { name, version });

async function git(...args: string[]): Promise<void> {
  const { status, output } = await command("git", args, { cwd: root });
  if (status !== 0) throw new Error(output);
}
async function commit(message: string): Promise<void> {
  await git("add", "--all");
  await git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", `--message=${message}`);
}
const project = () => new Project(root, { scratch });
const plans = () => imagePlans(root, project().workspaces, "r");
const unreleased = async (since?: string) =>
  (await unreleasedImages(project(), plans(), since)).map(({ image }) => image);

test("nothing was ever released: every image is new, the runtime's first", async () => {
  expect(await unreleased()).toEqual(["r/runtime:1.0.0", "r/sleep:1.0.0", "r/sqlite3:1.0.0"]);
});

test("an image whose version carries a tag is not made again", async () => {
  await git("tag", "@flyte-ts/runtime@1.0.0");
  await git("tag", "@flyte-ts/sqlite3@1.0.0");
  expect(await unreleased()).toEqual(["r/sleep:1.0.0"]);
  pack("plugins/sqlite3", "@flyte-ts/sqlite3", "1.0.1");
  expect(await unreleased()).toEqual(["r/sleep:1.0.0", "r/sqlite3:1.0.1"]);
});

test("compared with a commit, the image of each package with another version there is made", async () => {
  await git("tag", "before");
  pack("plugins/sleep", "@flyte-ts/sleep", "1.1.0");
  pack("plugins/imageless", "@flyte-ts/imageless", "1.1.0");
  pack("plugins/new", "@flyte-ts/new", "1.0.0");
  write("plugins/new/Dockerfile", "FROM x");
  await commit("versions");
  expect(await unreleased("before")).toEqual(["r/new:1.0.0", "r/sleep:1.1.0"]);
  expect(await unreleased("HEAD")).toEqual([]);
  await expect(unreleased("nowhere")).rejects.toThrow("--since nowhere: there is no such commit");
});

test("pending changesets tell whose image the next release makes", async () => {
  symlinkSync(join(import.meta.dirname, "../../../node_modules"), join(root, "node_modules"));
  write(".gitignore", "node_modules\n");
  write(".changeset/a.md", '---\n"@flyte-ts/sleep": minor\n"@flyte-ts/imageless": patch\n---\n\nA change.\n');
  await commit("changeset");
  expect((await plannedImages(project(), plans())).map(({ name }) => name)).toEqual(["sleep"]);
});
