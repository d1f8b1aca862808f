import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { StorageRegistry } from "@flyte-ts/core/plugin";
import { storageContract } from "@flyte-ts/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "flyte-file-storage-"));
});
afterAll(() => rm(root, { recursive: true }));

const folder = (): Promise<string> => mkdtemp(join(root, "case-"));
const storage = new StorageRegistry();

describe("files by plain paths", () => {
  storageContract({ test, subject: async () => ({ storage: await storage.storageFor("/"), folder: await folder() }) });
});

describe("files by URIs", () => {
  storageContract({
    test,
    subject: async () => ({
      storage: await storage.storageFor("file:///"),
      folder: pathToFileURL(await folder()).href,
    }),
  });
});

describe("files", () => {
  test("a listed file URI reads the file that it was listed for, whatever its name", async () => {
    const path = await folder();
    for (const name of ["100%", "a#b", "what?", "a%20b", "back\\slash"]) await writeFile(join(path, name), name);
    const read: string[] = [];
    for await (const { uri } of storage.list(pathToFileURL(path).href)) {
      read.push(Buffer.from(await storage.readBytes(uri)).toString());
    }
    expect(read.sort()).toEqual(["100%", "a#b", "a%20b", "back\\slash", "what?"].sort());
  });

  test("links to files are listed, and what they hang from is not", async () => {
    const path = await folder();
    await mkdir(join(path, "..data"));
    await writeFile(join(path, "..data", "key"), "value");
    await symlink(join(path, "..data", "key"), join(path, "key"));
    await symlink(join(path, "nowhere"), join(path, "dangling"));
    const uris: string[] = [];
    for await (const { uri } of storage.list(path)) uris.push(uri);
    expect(uris).toEqual([`${path}/..data/key`, `${path}/key`]);
  });

  test.each(["file:", "file:/", "file://", "file:///", "file://localhost/"])(
    "%s before a path is a file URI",
    async (form) => {
      const path = join(await folder(), "object");
      await writeFile(path, "content");
      expect((await storage.stat(`${form}${path.slice(1)}`))?.size).toBe(7);
    },
  );

  test("what is in the way of a write is named, and nothing is left behind", async () => {
    const path = await folder();
    await writeFile(join(path, "file"), "");
    await mkdir(join(path, "folder"));
    await expect(storage.write(join(path, "file", "x"), new Uint8Array(1))).rejects.toMatchObject({
      code: "NotFound",
      message: expect.stringContaining("a part of its path is a file"),
    });
    await expect(storage.write(join(path, "folder"), new Uint8Array(1))).rejects.toMatchObject({
      code: "InvalidInput",
    });
    await expect(storage.delete(join(path, "folder"))).rejects.toMatchObject({ code: "InvalidInput" });
    await expect(storage.stat(join(path, "x".repeat(300)))).rejects.toMatchObject({ code: "InvalidInput" });
    expect((await readdir(path)).sort()).toEqual(["file", "folder"]);
  });

  test("a download past its limit is TooLarge and leaves no file", async () => {
    const path = await folder();
    await writeFile(join(path, "source"), "0123456789");
    const target = join(path, "to", "target");
    await expect(storage.download(join(path, "source"), target, { maxBytes: 9 })).rejects.toMatchObject({
      code: "TooLarge",
    });
    expect(await readdir(path)).not.toContain("to");
    await Promise.all([1, 2, 3].map(() => storage.download(join(path, "source"), target, { maxBytes: 10 })));
    expect(await readdir(join(path, "to"))).toEqual(["target"]);
  });

  test("a scheme that nothing serves is Unsupported, with those that are", async () => {
    await expect(storage.stat("ftp://host/object")).rejects.toMatchObject({
      code: "Unsupported",
      message:
        'no storage serves the scheme "ftp"; known are abfs, abfss, az, file, gcs, gs, http, https, memory, s3, s3a, wasb, wasbs',
    });
  });
});
