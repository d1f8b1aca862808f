import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Project } from "../../check/project.ts";
import { buildImages } from "../build.ts";

const root = join(import.meta.dirname, "../../..");
let scratch: string;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "flyte-ts-images-test-"));
  writeFileSync(join(scratch, "buildah"), "#!/bin/sh\nexit 0\n");
  chmodSync(join(scratch, "buildah"), 0o755);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const version = (name: string) =>
  new Project(root, { scratch }).workspaces.find(({ manifest }) => manifest.name === name)?.manifest.version;

/** The lines of a dry run. */
async function dryRun(names: readonly string[], push?: string, env: Record<string, string> = {}): Promise<string[]> {
  const said: string[] = [];
  await buildImages({
    root,
    scratch,
    names,
    registry: "localhost:5000/x",
    push,
    dryRun: true,
    report: (line) => said.push(line),
    env: { PATH: scratch, ...env },
  });
  return said;
}

test("a plugin's image is built after the runtime's and from it, under the name that templates give it", async () => {
  const runtime = `localhost:5000/x/runtime:${version("@flyte-ts/runtime")}`;
  const sqlite3 = `localhost:5000/x/sqlite3:${version("@flyte-ts/sqlite3")}`;
  const [builder, first, second, ...rest] = await dryRun(["sqlite3"]);
  expect(builder).toBe("builder: buildah");
  expect(first).toMatch(
    `would build ${runtime}: buildah build --layers --tag ${runtime} --file ${root}/images/runtime/Dockerfile`,
  );
  expect(second).toMatch(`would build ${sqlite3}: buildah build`);
  expect(second).toContain(`--build-arg RUNTIME_IMAGE=${runtime} `);
  expect(rest).toEqual([]);
});

test("a plugin whose tasks start no container has the connector service's image, which is built first", async () => {
  const connector = `localhost:5000/x/connector:${version("@flyte-ts/connector-service")}`;
  const [, first, second, ...rest] = await dryRun(["http"]);
  expect(first).toMatch(`would build ${connector}: buildah build`);
  expect(second).toMatch(`would build localhost:5000/x/http:${version("@flyte-ts/http")}: buildah build`);
  expect(second).toContain(`--build-arg CONNECTOR_IMAGE=${connector} `);
  expect(rest).toEqual([]);
});

test("only the images that were named are pushed", async () => {
  const pushed = (await dryRun(["sqlite3"], "oci-archive:/a/{name}.tar")).filter((line) => line.includes("pushed"));
  expect(pushed).toEqual([
    `localhost:5000/x/sqlite3:${version("@flyte-ts/sqlite3")}: would be pushed to oci-archive:/a/sqlite3.tar`,
  ]);
});

test("another base is given to the runtime's image alone", async () => {
  const [, first, second] = await dryRun(["sqlite3"], undefined, { FLYTE_TS_NODE_IMAGE: "mirror/node:24" });
  expect(first).toContain("--build-arg NODE_IMAGE=mirror/node:24");
  expect(second).not.toContain("NODE_IMAGE");
});

test("a name without an image, and a place that nothing can be pushed to, are refused before anything is built", async () => {
  await expect(dryRun(["sqlite4"])).rejects.toThrow(/^no image is called sqlite4; there are runtime, .*sqlite3/);
  await expect(dryRun(["runtime", "sqlite3"], "oci-archive:/a.tar")).rejects.toThrow(
    '2 images do not fit into one archive: write {name} into "oci-archive:/a.tar"',
  );
  await expect(dryRun(["runtime"], "ftp://x")).rejects.toThrow('cannot push to "ftp://x": give registry');
});
