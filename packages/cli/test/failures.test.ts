import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { surroundingsOf } from "../src/errors/surroundings.ts";
import { ended, flow, flows, flyteTs, start, WorkFolder } from "./command.ts";

const isolations = [
  ["in this process", []],
  ["in a process of its own", ["--isolate", "process"]],
] as const;

test.each(isolations)("code that fails %s shows its own lines, and no others", async (_where, more) => {
  using folder = new WorkFolder();
  const { code, stdout, stderr } = await flyteTs(["run", flow("failing"), "half", "--a", "4", ...more], {
    cwd: folder.path,
  });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  const [message, ...frames] = stderr.trimEnd().split("\n");
  expect(message).toMatch(/^flyte-ts: node n0 \(quotient\): .*RangeError: nothing can be divided by 0$/);
  expect(frames).toHaveLength(2);
  for (const frame of frames) expect(frame).toContain(`${flows}/failing.ts:`);
});

test.each([
  ["--debug", {}],
  ["FLYTE_TS_DEBUG", { FLYTE_TS_DEBUG: "1" }],
])("%s shows all that is known", async (flag, env) => {
  using folder = new WorkFolder();
  const args = ["run", flow("failing"), "quotient", "--a", "1", "--b", "0", ...(flag === "--debug" ? [flag] : [])];
  const { code, stderr } = await flyteTs(args, { cwd: folder.path, env });
  expect(code).toBe(1);
  expect(stderr).toContain("Caused by: RangeError: nothing can be divided by 0");
  expect(stderr).toMatch(/cli\/dist\//);
});

test("a task that returns what it does not declare is told so", async () => {
  using folder = new WorkFolder();
  const { code, stderr } = await flyteTs(["run", flow("failing"), "wrong-output"], { cwd: folder.path });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'flyte-ts: task wrong-output: output o0: expected an integer, got "no number"\n',
  });
});

test.each([
  ["timer", "from a timer"],
  ["rejection", "nobody awaits this"],
  ["stall", "waits for something that can no longer happen"],
])("what fails outside of a task's promise (%s) ends the run", async (how, message) => {
  using folder = new WorkFolder();
  const { code, stderr } = await flyteTs(["run", flow("failing"), "escapes", "--how", how], { cwd: folder.path });
  expect(code).toBe(1);
  expect(stderr).toContain(message);
});

const signals = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const;

test.each(signals.flatMap(([signal, code]) => isolations.map(([where, more]) => [signal, code, where, more] as const)))(
  "%s ends a run with %d; a task %s is woken first",
  async (signal, code, _where, more) => {
    using folder = new WorkFolder();
    const child = start(["run", flow("failing"), "asleep", ...more], { cwd: folder.path });
    const end = ended(child);
    await once(child.stdout as NodeJS.ReadableStream, "data");
    child.kill(signal);
    expect(await end).toEqual({ code, stdout: "asleep\nwoken\n", stderr: "" });
  },
);

test("the same signal again ends a run at once", async () => {
  using folder = new WorkFolder();
  const child = start(["run", flow("failing"), "asleep", "--deaf"], { cwd: folder.path });
  const end = ended(child);
  await once(child.stdout as NodeJS.ReadableStream, "data");
  child.kill("SIGINT");
  // Two signals of one kind that come together are one to the system: the second waits until the first has arrived.
  await once(child.stdout as NodeJS.ReadableStream, "data");
  child.kill("SIGINT");
  expect((await end).code).toBe(130);
});

test("an older Node is told what is needed before anything is imported", async () => {
  using folder = new WorkFolder();
  const pretend = "data:text/javascript,Object.defineProperty(process, 'versions', { value: { node: '20.19.0' } })";
  const env = { NODE_OPTIONS: `--import="${pretend}"` };
  const { code, stderr } = await flyteTs(["--version"], { cwd: folder.path, env });
  expect({ code, stderr }).toMatchObject({ code: 1 });
  expect(stderr).toMatch(/^flyte-ts needs Node 22\.18 or newer; this is 20\.19\.0 \(/);
});

test.each([
  ["waits", []],
  ["leaves its thread no time", ["--busy"]],
])("no process stays behind when the run is killed and its isolated task %s", async (_how, more) => {
  using folder = new WorkFolder();
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const run = start(["run", flow("failing"), "connected", "--port", String(port), ...more, "--isolate", "process"], {
    cwd: folder.path,
    env: { FLYTE_TS_GRACE_SECONDS: "0.2" },
  });
  const [socket] = (await once(server, "connection")) as [Socket];
  await once(
    socket.on("error", () => {}),
    "data",
  );
  const gone = once(socket, "close");
  run.kill("SIGKILL");
  await gone;
  server.close();
});

test.each([
  [
    "node n0 (q): Cannot find package 'better-sqlite3' imported from /x/node_modules/@flyte-ts/sqlite3/dist/a.js",
    "node n0 (q): the package better-sqlite3, which @flyte-ts/sqlite3 needs, is not installed: npm install better-sqlite3",
    true,
  ],
  ["ENOSPC: no space left on device, write", "ENOSPC: no space left on device, write", false],
  ["EACCES: permission denied, open '/x'", "EACCES: permission denied, open '/x'", true],
  [
    "ENOENT: process.cwd failed with error no such file or directory, uv_cwd",
    "the working folder has been removed; change to one that is there",
    true,
  ],
])("what the machine lacks is said without a trace: %s", (said, message, isUsers) => {
  expect(surroundingsOf(said)).toEqual({ message, isUsers });
});

test("what says nothing of the machine is not taken for it", () => {
  expect(surroundingsOf("Cannot read properties of undefined (reading 'EACCES')")).toBeUndefined();
});
