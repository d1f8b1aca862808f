import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DeckPage, EnvironmentSecrets, StorageCheckpoint, StorageRegistry } from "../src/plugin.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flyte-ts-surroundings-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const checkpoint = (destination: string | undefined, previous?: string): StorageCheckpoint =>
  new StorageCheckpoint({
    storage: new StorageRegistry(),
    destination: destination === undefined ? undefined : join(folder, destination),
    previous: previous === undefined ? undefined : join(folder, previous),
    workingDirectory: () => join(folder, "work"),
  });

test("a secret comes from the variable, in upper case and trimmed", async () => {
  const secrets = new EnvironmentSecrets({ env: { _FSEC_DB_V1_PASSWORD: " s3cret\n", _FSEC_TOKEN: "t" } });
  await expect(secrets.get({ group: "db", version: "v1", key: "password" })).resolves.toBe("s3cret");
  await expect(secrets.get({ key: "Token" })).resolves.toBe("t");
});

test("a secret comes from a file where there is no variable", async () => {
  mkdirSync(join(folder, "db"));
  writeFileSync(join(folder, "db/p_password"), "from a file\n");
  const env = { FLYTE_SECRETS_DEFAULT_DIR: folder, FLYTE_SECRETS_FILE_PREFIX: "p_", FLYTE_SECRETS_ENV_PREFIX: "X_" };
  await expect(new EnvironmentSecrets({ env }).get({ group: "DB", key: "PASSWORD" })).resolves.toBe("from a file");
  const both = new EnvironmentSecrets({ env: { ...env, X_DB_PASSWORD: "first" } });
  await expect(both.get({ group: "db", key: "password" })).resolves.toBe("first");
});

test.each([
  { key: "../outside" },
  { group: "..", key: "outside" },
  { group: "db", version: "../..", key: "outside" },
  { key: "db\\outside" },
  { key: "outside\0" },
])("a secret's name is no path: %j", async (name) => {
  mkdirSync(join(folder, "secrets"));
  writeFileSync(join(folder, "outside"), "not for tasks");
  const secrets = new EnvironmentSecrets({ env: { FLYTE_SECRETS_DEFAULT_DIR: join(folder, "secrets") } });
  await expect(secrets.get(name)).rejects.toMatchObject({
    code: "InvalidInput",
    message: expect.stringContaining("is no name, but a path"),
  });
});

test("a variable without the prefix is a secret locally alone", async () => {
  const env = { DB_PASSWORD: "local", FLYTE_SECRETS_DEFAULT_DIR: folder };
  await expect(new EnvironmentSecrets({ env, local: true }).get({ group: "db", key: "password" })).resolves.toBe(
    "local",
  );
  await expect(new EnvironmentSecrets({ env }).get({ group: "db", key: "password" })).rejects.toMatchObject({
    code: "NotFound",
    message: expect.stringMatching(/_FSEC_DB_PASSWORD.*\/db\/password; a task's pod has those/),
  });
  const none = new EnvironmentSecrets({ env: { FLYTE_SECRETS_DEFAULT_DIR: folder }, local: true });
  await expect(none.get({ key: "none" })).rejects.toThrow(/variable _FSEC_NONE or NONE .*; set one of them$/);
});

test("what one attempt wrote the next one reads", async () => {
  const first = checkpoint("1");
  await expect(first.read()).resolves.toBeUndefined();
  await expect(first.restore()).resolves.toBeUndefined();
  await first.write(Buffer.from("a"));
  await first.write(Buffer.from("b"));
  expect(readFileSync(join(folder, "1/_dst_cp"), "utf8")).toBe("b");
  await expect(checkpoint("2", "1").read()).resolves.toEqual(Buffer.from("b"));
  await expect(checkpoint("3", "2").read()).resolves.toBeUndefined();
});

test("folders and files are saved and restored by their names", async () => {
  mkdirSync(join(folder, "model/deep"), { recursive: true });
  writeFileSync(join(folder, "model/deep/w.bin"), "weights");
  writeFileSync(join(folder, "step.txt"), "7");
  const kept = checkpoint("1");
  await Promise.all([kept.save(join(folder, "model")), kept.save(join(folder, "step.txt"))]);
  const next = checkpoint("2", "1");
  const restored = await next.restore();
  expect(restored).toBe(join(folder, "work/prev_cp"));
  expect(readFileSync(join(folder, "work/prev_cp/deep/w.bin"), "utf8")).toBe("weights");
  expect(readFileSync(join(folder, "work/prev_cp/step.txt"), "utf8")).toBe("7");
  await expect(next.read()).rejects.toThrow("has 2 files where read() expects one");
});

test("without a place nothing can be kept, and it says so", async () => {
  await expect(checkpoint(undefined).write(new Uint8Array(1))).rejects.toThrow("--checkpoint-path");
  await expect(checkpoint("1").save(join(folder, "none"))).rejects.toMatchObject({ code: "NotFound" });
});

test("a deck escapes names and leaves the HTML of the parts", () => {
  const deck = new DeckPage();
  expect(deck.empty).toBe(true);
  deck.add('<script>"A" & B</script>', "<b>one</b>");
  deck.add("Rows", "<p>1</p>");
  deck.add("Rows", "<p>2</p>");
  const html = deck.html();
  expect(html).toContain("&lt;script&gt;&quot;A&quot; &amp; B&lt;/script&gt;");
  expect(html).not.toContain("<script>");
  expect(html).toContain("<section><b>one</b></section>");
  expect(html).toContain("<section><p>1</p>\n<p>2</p></section>");
});
