import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { command } from "../../check/command.ts";
import type { Manifest } from "../../check/project.ts";

// The real configuration and the real packages, in a repository of their own; changesets' real command decides.
const root = join(import.meta.dirname, "../../..");
const optionKey = "___experimentalUnsafeOptions_WILL_CHANGE_IN_PATCH";
let clone: string;

beforeEach(async () => {
  clone = mkdtempSync(join(tmpdir(), "flyte-ts-plan-"));
  const files = ["package.json", ".changeset/config.json"];
  const manifests = globSync(["packages/*/package.json", "plugins/*/package.json"], { cwd: root });
  for (const file of [...files, ...manifests]) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    cpSync(join(root, file), join(clone, file));
  }
  for (const file of manifests) {
    // What has been released stands at 1.0.0 here, whatever the repository's own versions are by now.
    const manifest: Manifest = { ...read(file), version: "1.0.0" };
    const text = JSON.stringify(manifest, undefined, 2);
    writeFileSync(join(clone, file), text.replaceAll(/("@flyte-ts\/[^"]*": ")\^[^"]*"/g, '$1^1.0.0"'));
  }
  const workspaces = { workspaces: ["packages/*", "plugins/*"] };
  writeFileSync(join(clone, "package.json"), JSON.stringify({ ...read("package.json"), ...workspaces }));
  writeFileSync(join(clone, "package-lock.json"), JSON.stringify({ lockfileVersion: 3, packages: {} }));
  await git("init", "--quiet", "--initial-branch=main");
  await git("add", "--all");
  await git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "--message=base");
});
afterEach(() => rmSync(clone, { recursive: true, force: true }));

const git = (...args: string[]) => run("git", ...args);
const read = (file: string): Manifest => JSON.parse(readFileSync(join(clone, file), "utf8")) as Manifest;

async function run(program: string, ...args: string[]): Promise<void> {
  const { status, output } = await command(program, args, { cwd: clone });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${output}`);
}

/** Applies a changeset that names these packages, as a release does. */
async function version(named: Record<string, string>): Promise<void> {
  const front = Object.entries(named).map(([name, step]) => `"${name}": ${step}`);
  writeFileSync(join(clone, ".changeset/a-change.md"), ["---", ...front, "---", "", "A change.", ""].join("\n"));
  await run(process.execPath, join(root, "node_modules/@changesets/cli/bin.js"), "version");
}

test("a minor of core leaves the plugins' versions and peers alone", async () => {
  await version({ "@flyte-ts/core": "minor" });
  expect(read("packages/core/package.json").version).toBe("1.1.0");
  const sqlite3 = read("plugins/sqlite3/package.json");
  expect(sqlite3.peerDependencies?.["@flyte-ts/core"]).toBe("^1.0.0");
  expect(sqlite3.version).toBe("1.0.0");
});

test("a plugin released beside a minor of core keeps its peer, and takes its own step alone", async () => {
  await version({ "@flyte-ts/core": "minor", "@flyte-ts/sqlite3": "patch" });
  const sqlite3 = read("plugins/sqlite3/package.json");
  expect(sqlite3.version).toBe("1.0.1");
  expect(sqlite3.peerDependencies?.["@flyte-ts/core"]).toBe("^1.0.0");
  expect(sqlite3.devDependencies?.["@flyte-ts/core"]).toBe("^1.1.0");
});

test("a major of core, with its plugins named as major, raises their peers", async () => {
  await version({ "@flyte-ts/core": "major", "@flyte-ts/sqlite3": "major" });
  const sqlite3 = read("plugins/sqlite3/package.json");
  expect(sqlite3.version).toBe("2.0.0");
  expect(sqlite3.peerDependencies?.["@flyte-ts/core"]).toBe("^2.0.0");
});

test("it is the option that keeps the peers: without it a plugin's peer is raised by a minor of core", async () => {
  const file = join(clone, ".changeset/config.json");
  const config = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  expect(config[optionKey]).toEqual({ onlyUpdatePeerDependentsWhenOutOfRange: true });
  writeFileSync(file, JSON.stringify({ ...config, [optionKey]: undefined }));
  await version({ "@flyte-ts/core": "minor", "@flyte-ts/sqlite3": "patch" });
  expect(read("plugins/sqlite3/package.json").peerDependencies?.["@flyte-ts/core"]).toBe("^1.1.0");
});
