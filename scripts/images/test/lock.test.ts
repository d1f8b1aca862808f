import { expect, test } from "vitest";
import type { Manifest, Workspace } from "../../check/project.ts";
import { installedTogether } from "../closure.ts";
import { cutInstallation, type Lock } from "../lock.ts";

const workspace = (folder: string, manifest: Manifest): Workspace => ({ folder, manifest, published: true });

const core = workspace("packages/core", { name: "@x/core", version: "1.0.0", dependencies: { left: "^1" } });
const storage = workspace("packages/storage", {
  name: "@x/storage",
  version: "1.1.0",
  dependencies: { shared: "^2" },
  peerDependencies: { "@x/core": "^1", sdk: "^3", "not-locked": "^1" },
  peerDependenciesMeta: { sdk: { optional: true }, "not-locked": { optional: true } },
});
const tool = workspace("packages/tool", { name: "@x/tool", version: "1.0.0", dependencies: { "@x/storage": "^1" } });
const all = [core, storage, tool];

const lock: Lock = {
  packages: {
    "": {},
    "node_modules/@x/core": { link: true, resolved: "packages/core" },
    "node_modules/@x/storage": { link: true, resolved: "packages/storage" },
    "packages/core": { version: "1.0.0" },
    "packages/storage": { version: "1.1.0" },
    "packages/storage/node_modules/shared": { version: "2.0.0", integrity: "sha512-s2" },
    "node_modules/left": { version: "1.0.1", integrity: "sha512-l", dependencies: { shared: "^1" } },
    "node_modules/shared": { version: "1.5.0", integrity: "sha512-s1", dev: true },
    "node_modules/sdk": { version: "3.2.1", dev: true, optionalDependencies: { native: "1", absent: "1" } },
    "node_modules/native": { version: "1.0.0", optional: true, os: ["linux"] },
    "node_modules/unneeded": { version: "9.0.0", dev: true },
  },
};
const tarballs = all.map(({ manifest }) => ({
  name: manifest.name,
  path: `t/${manifest.version}.tgz`,
  integrity: "sha512-t",
}));

test("what is installed with a package: its dependencies and needed peers, of this repository", () => {
  expect(installedTogether(all, ["@x/tool"]).map(({ manifest }) => manifest.name)).toEqual([
    "@x/tool",
    "@x/storage",
    "@x/core",
  ]);
  expect(() => installedTogether(all, ["@x/none"])).toThrow(
    "there is no package @x/none here; there are @x/core, @x/storage, @x/tool",
  );
});

test("an image's lock file holds what the repository's has for the packages, and nothing else", () => {
  const { manifest, lock: cut } = cutInstallation(lock, installedTogether(all, ["@x/storage"]), tarballs);
  expect(manifest.dependencies).toEqual({
    "@x/storage": "file:t/1.1.0.tgz",
    "@x/core": "file:t/1.0.0.tgz",
    sdk: "3.2.1",
  });
  expect(Object.keys(cut.packages)).toEqual([
    "",
    "node_modules/@x/core",
    "node_modules/@x/storage",
    "node_modules/@x/storage/node_modules/shared",
    "node_modules/left",
    "node_modules/native",
    "node_modules/sdk",
    "node_modules/shared",
  ]);
});

test("a package that the repository needs for its tests alone is a real dependency of the image", () => {
  const { lock: cut } = cutInstallation(lock, installedTogether(all, ["@x/storage"]), tarballs);
  expect(cut.packages["node_modules/shared"]).toEqual({ version: "1.5.0", integrity: "sha512-s1" });
  expect(cut.packages["node_modules/native"]).toEqual({ version: "1.0.0", optional: true, os: ["linux"] });
});

test("two versions of one package stay where each is found", () => {
  const { lock: cut } = cutInstallation(lock, installedTogether(all, ["@x/storage"]), tarballs);
  expect(cut.packages["node_modules/@x/storage/node_modules/shared"]?.version).toBe("2.0.0");
});

test("a dependency that the lock file lacks is named", () => {
  const broken = workspace("packages/b", { name: "@x/b", version: "1.0.0", dependencies: { gone: "^1" } });
  expect(() => cutInstallation(lock, [broken], [{ name: "@x/b", path: "b.tgz", integrity: "" }])).toThrow(
    "package-lock.json has no gone, which packages/b needs: run npm install",
  );
});
