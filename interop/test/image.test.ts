import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { t } from "@flyte-ts/core";
import { LiteralMap, TaskTemplate } from "@flyte-ts/core/plugin";
import { sqlite3Task } from "@flyte-ts/sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildTestImage, type TestImage } from "../src/image/build-image.ts";
import { output } from "../src/image/container.ts";
import { runInImage, writableFolder } from "../src/image/run-task.ts";
import { callPython } from "../src/python.ts";
import { openOutput } from "../src/task-files.ts";

let work: string;
let built: TestImage;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "flyte-ts-image-"));
  await chmod(work, 0o755);
  built = await buildTestImage("sqlite3", join(work, "build"));
  console.log(`${built.image}: ${built.size}, built with ${built.builder.name}`);
}, 600_000);
afterAll(() => rm(work, { recursive: true, force: true }));

/** Runs a command in the image behind its own entrypoint. */
const run = async (args: readonly string[], options: { command?: readonly string[] } = {}) => {
  const container = await built.host.start({ image: built.image, args, ...options });
  return container.ended;
};

describe("a template task in its image", () => {
  test("one of ours", async () => {
    const database = await databaseFile("ours");
    const query = sqlite3Task({
      name: "long-tracks",
      config: { uri: database },
      inputs: { least: t.int },
      query: "select id, name from tracks where length >= {{ .inputs.least }} order by id",
      columns: { id: t.int, name: t.string },
    });
    const template = query.template({ project: "p", domain: "d", version: "1", module: "" });
    const files = await taskFiles("ours", TaskTemplate.encode(template), { least: "200" });
    const ended = await runInImage(built.host, { image: built.image, ...files });
    expect(ended).toMatchObject({ status: 0, error: undefined });
    expect(await openOutput(ended.outputs).toArray()).toEqual([
      { id: 2, name: "b" },
      { id: 3, name: "c" },
    ]);
  });

  test("one of flytekit's, whose arguments begin with flytekit's command", async () => {
    const uri = await databaseFile("theirs");
    const given = join(work, "theirs-given");
    await mkdir(given);
    await callPython("write_sqlite_task", {
      folder: given,
      // A flytekit user quotes a text in the query, because flytekit pastes it there.
      query:
        "select id, name from tracks where length >= {{ .inputs.least }} and name <> '{{ .inputs.not }}' order by id",
      uri,
      compressed: false,
      output: "typed-schema",
      columns: { id: "int", name: "str" },
      inputs: { least: ["int", 200], not: ["str", "c' or '1' = '1"] },
    });
    const files = { template: join(given, "task.pb"), inputs: join(given, "inputs.pb"), folder: join(work, "theirs") };
    const ended = await runInImage(built.host, { image: built.image, ...files });
    expect(ended.args[0]).toBe("pyflyte-execute");
    expect(ended).toMatchObject({ status: 0, error: undefined });
    expect(await openOutput(ended.outputs).toArray()).toEqual([
      { id: 2, name: "b" },
      { id: 3, name: "c" },
    ]);
  });
});

describe("the image", () => {
  test("declares a user that is not root, and runs as that user", async () => {
    const { User } = await built.host.inspect(built.image);
    expect(User).toBe("1000:1000");
    expect((await run(["sh", "-c", "echo $(id -u) $(id -g)"])).stdout).toBe("1000 1000\n");
  });

  test("holds nothing that its user could change, and works where only /tmp can be written", async () => {
    const found = await run(["find", "/flyte", "-writable", "-not", "-path", "/flyte/compile-cache*"]);
    expect(found.stdout).toBe("");
    const writes = "touch /flyte/work/x /home/node/x /tmp/x; ls /tmp";
    expect(await run(["sh", "-c", writes])).toMatchObject({
      stdout: "x\n",
      stderr: expect.stringMatching(/Read-only file system/),
    });
  });

  test.each(["flyte-ts-execute", "pyflyte-execute", "pyflyte-fast-execute", "pyflyte-map-execute"])(
    "answers to %s",
    async (name) => {
      const ended = await run([name, "--help"]);
      expect(ended).toMatchObject({ status: 0, stderr: "" });
      expect(ended.stdout).toMatch(/flyte-ts-execute --inputs URI/);
    },
  );

  test("reads all that a task loads from Node's compile cache", async () => {
    const template = sqlite3Task({
      name: "one",
      config: { uri: await databaseFile("cache") },
      query: "select id from tracks",
    });
    const bytes = TaskTemplate.encode(template.template({ project: "p", domain: "d", version: "1", module: "" }));
    const env = { NODE_DEBUG_NATIVE: "COMPILE_CACHE" };
    const ended = await runInImage(built.host, { image: built.image, ...(await taskFiles("cache", bytes, {})), env });
    const said = `${ended.stdout}${ended.stderr}`.split("\n");
    const accepted = said.filter((line) => line.includes("was accepted"));
    const missed = said.filter((line) => /\.\.\. ?no such file|was rejected|mismatch/.test(line));
    expect(accepted.length).toBeGreaterThan(10);
    expect(missed).toEqual([]);
  });

  test("goes into an archive without a registry", async () => {
    const file = join(work, "sqlite3.tar");
    await built.builder.push(built.image, `oci-archive:${file}`);
    const entries = (await output("tar", ["--list", "--file", file])).split("\n");
    expect(entries).toContain("index.json");
    console.log(`${built.image}: ${Math.round((await stat(file)).size / 1e6)} MB as an archive`);
  });
});

describe("the first process", () => {
  test("passes SIGTERM on to one that has no handler for it", async () => {
    const container = await built.host.start({ image: built.image, args: ["sh", "-c", "echo ready; exec sleep 1000"] });
    await container.said("ready");
    await container.kill("TERM");
    expect((await container.ended).status).toBe(143);
  });

  test("passes SIGTERM on to a task, whose signal then aborts; exit code 143, no error.pb", async () => {
    const folder = join(work, "sigterm");
    await writableFolder(folder);
    await writeFile(join(folder, "waits.mjs"), waitingTask);
    await writeFile(join(folder, "inputs.pb"), "");
    const files = [
      "--inputs",
      `${folder}/inputs.pb`,
      "--output-prefix",
      folder,
      "--raw-output-data-prefix",
      `${folder}/raw`,
    ];
    const container = await built.host.start({
      image: built.image,
      args: [
        "flyte-ts-execute",
        ...files,
        "--resolver",
        "flyte-ts.module",
        "--",
        "module",
        "waits.mjs",
        "entity",
        "waits",
      ],
      mounts: [
        { source: folder, target: "/flyte/work" },
        { source: folder, target: folder },
      ],
    });
    await container.said("the task waits");
    await container.kill("TERM");
    const ended = await container.ended;
    expect(ended.stdout).toContain("the task was told to stop");
    expect(ended.status).toBe(143);
    await expect(stat(join(folder, "error.pb"))).rejects.toThrow("ENOENT");
  });

  test("reaps what a task leaves behind, which Node alone would not", async () => {
    expect((await run(["node", "-e", orphanMaker])).stdout).toBe("reaped\n");
    expect((await run(["-e", orphanMaker], { command: ["node"] })).stdout).toBe("zombie\n");
  });
});

/** A task that waits until its signal aborts. */
const waitingTask = `
import { task } from "@flyte-ts/core";
export const waits = task({
  name: "waits",
  run: async (_, ctx) => {
    const pulse = setInterval(() => {}, 1000);
    console.log("the task waits");
    await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
    clearInterval(pulse);
    console.log("the task was told to stop");
  },
});
`;

/**
 * Leaves an orphan behind, which waits at a pipe until its parent is gone; lets it end, and looks whether process 1 waits
 * for it, for a second at most.
 */
const orphanMaker = `
const { execFileSync } = require("node:child_process");
const { readFileSync, writeFileSync } = require("node:fs");
execFileSync("mkfifo", ["/tmp/gate"]);
const orphan = execFileSync("sh", ["-c", "cat /tmp/gate >/dev/null 2>&1 & echo $!"], { encoding: "utf8" }).trim();
writeFileSync("/tmp/gate", "open");
const isThere = () => {
  try {
    return readFileSync("/proc/" + orphan + "/stat", "utf8") !== "";
  } catch {
    return false;
  }
};
let left = 50;
while (isThere() && left-- > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
console.log(isThere() ? "zombie" : "reaped");
`;

/** A database in a folder that the container sees. */
async function databaseFile(name: string): Promise<string> {
  const { default: Database } = await import("better-sqlite3");
  await mkdir(join(work, name), { recursive: true });
  const file = join(work, name, "music.db");
  const database = new Database(file);
  database.exec("create table tracks (id integer, name text, length integer)");
  database.exec("insert into tracks values (1, 'a', 100), (2, 'b', 200), (3, 'c', 300)");
  database.close();
  return file;
}

/** Writes a task's template and its integer inputs into files, apart from the folder that it runs in. */
async function taskFiles(name: string, template: Uint8Array, inputs: Readonly<Record<string, string>>) {
  const folder = join(work, name);
  const given = join(work, `${name}-given`);
  await mkdir(given, { recursive: true });
  const literals = Object.entries(inputs).map(([key, integer]) => [key, { scalar: { primitive: { integer } } }]);
  const map = LiteralMap.fromJson({ literals: Object.fromEntries(literals) });
  await writeFile(join(given, "task.pb"), template);
  await writeFile(join(given, "inputs.pb"), LiteralMap.encode(map));
  return { template: join(given, "task.pb"), inputs: join(given, "inputs.pb"), folder };
}
