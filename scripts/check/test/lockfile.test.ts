import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { lockfile } from "../lockfile.ts";
import { ScratchProject } from "./scratch-project.ts";

const optionalDependencies = { "@a/linux-x64-musl": "1.2.0", "@a/windows-64": "1.2.0", "@a/here": "1.2.0" };
const lock = {
  lockfileVersion: 3,
  packages: {
    "": { name: "scratch" },
    "node_modules/@a/here": { version: "1.2.0", optional: true },
    "node_modules/b/node_modules/a": { version: "1.2.0", dev: true, optionalDependencies },
  },
};

it("names the binaries that the lock file lacks, and adds them for their platforms", async () => {
  using scratch = new ScratchProject({ "package-lock.json": lock });
  expect((await lockfile.run(scratch.project())).findings).toEqual([
    expect.stringContaining("lacks node_modules/b/node_modules/@a/linux-x64-musl"),
    expect.stringContaining("lacks node_modules/b/node_modules/@a/windows-64"),
  ]);
  await lockfile.run(scratch.project({ update: true }));
  expect((await lockfile.run(scratch.project())).findings).toEqual([]);
  const { packages } = JSON.parse(readFileSync(join(scratch.root, "package-lock.json"), "utf8"));
  expect(packages).toMatchObject({
    "node_modules/b/node_modules/@a/linux-x64-musl": { cpu: ["x64"], libc: ["musl"], os: ["linux"], dev: true },
    "node_modules/b/node_modules/@a/windows-64": { cpu: ["x64"], os: ["win32"], optional: true },
  });
});

it("names an entry that says where it was downloaded", async () => {
  const resolved = "https://example.invalid/a.tgz";
  using scratch = new ScratchProject({ "package-lock.json": { packages: { "node_modules/a": { resolved } } } });
  expect((await lockfile.run(scratch.project())).findings).toEqual([expect.stringContaining("names a host")]);
});
