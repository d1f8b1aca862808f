import { once } from "node:events";
import { connect } from "node:http2";
import { type AddressInfo, createServer } from "node:net";
import { createInterface } from "node:readline";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { type CommandOptions, ended, flyteTs, start, WorkFolder } from "./command.ts";

vi.setConfig({ testTimeout: 90_000 });

/** A project that is a plugin: one connector that answers at once, and, where asked for, one that does not load. */
function project(more = ""): WorkFolder {
  const folder = new WorkFolder();
  const manifest = { name: "my-plugin", version: "1.0.0", type: "module", exports: { "./plugin": "./plugin.js" } };
  folder.write("package.json", JSON.stringify({ ...manifest, "flyte-ts": { plugin: "./plugin" } }));
  folder.write(
    "plugin.js",
    `const greeter = { name: "Greeter", do: async () => ({ phase: "SUCCEEDED" }) };
export default {
  specVersion: 1, name: "my-plugin", version: "1.0.0",
  provides: { connectors: { greeting: async () => greeter, ${more} } },
};`,
  );
  return folder;
}

/** Where a service of the tests listens. */
const somewhere = ["--host", "127.0.0.1", "--port", "0"];

/** Starts a service, and waits for what it says of its port. */
async function serve(folder: WorkFolder, args: readonly string[] = somewhere, options: Partial<CommandOptions> = {}) {
  const child = start(["serve", "connector", "--metrics-port", "0", ...args], { cwd: folder.path, ...options });
  onTestFinished(() => {
    child.kill("SIGKILL");
    folder[Symbol.dispose]();
  });
  const lines: Record<string, unknown>[] = [];
  const serving = new Promise<Record<string, unknown>>((resolve, reject) => {
    if (child.stdout === null) return;
    createInterface(child.stdout).on("line", (line) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      lines.push(entry);
      if (entry.msg === "serving connectors") resolve(entry);
    });
    child.once("exit", (code) => reject(new Error(`it ended with ${code}: ${JSON.stringify(lines)}`)));
  });
  const { port, metricsPort, taskTypes } = await serving;
  return { child, lines, port: String(port), metricsPort: String(metricsPort), taskTypes };
}

/** A socket that listens, as its descriptor, which Node keeps to itself. */
async function openSocket() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { _handle: handle } = server as { readonly _handle?: { readonly fd: number } };
  const { port } = server.address() as AddressInfo;
  return { port, descriptor: handle?.fd ?? -1, close: () => void server.close() };
}

describe("flyte-ts serve connector", () => {
  // builds what is not built
  beforeAll(() => flyteTs(["--version"], { cwd: "/" }), 300_000);

  test("serves the plugins of a project, answers its own check, and drains at SIGTERM", async () => {
    const folder = project();
    const { child, lines, port, metricsPort, taskTypes } = await serve(folder);
    expect(taskTypes).toEqual(["greeting"]);
    const check = (service: string) =>
      flyteTs(["serve", "connector", "--check", "--host", "127.0.0.1", "--port", port, "--service", service], {
        cwd: folder.path,
      });
    expect(await check("connector/greeting")).toMatchObject({ code: 0, stdout: "SERVING\n" });
    expect(await check("connector/other")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/knows nothing called/),
    });
    expect((await fetch(`http://127.0.0.1:${metricsPort}/healthz`)).status).toBe(200);
    const end = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    expect(await end).toBe(143);
    expect(lines.slice(-2).map(({ msg }) => msg)).toEqual(["draining", "ended"]);
  });

  test("serves a plugin that has sensors alone", async () => {
    const folder = project();
    folder.write(
      "plugin.js",
      `export default {
  specVersion: 1, name: "my-plugin", version: "1.0.0",
  provides: { sensors: { key: async () => ({ name: "key", inputs: {}, outputs: {}, poll: async () => ({}) }) } },
};`,
    );
    expect((await serve(folder)).taskTypes).toEqual(["flyte-ts-sensor"]);
  });

  test("a connector that does not load is named, and the others serve; --strict refuses", async () => {
    const broken = 'broken: () => Promise.reject(new Error("no such module"))';
    const { lines, taskTypes } = await serve(project(broken));
    expect(taskTypes).toEqual(["greeting"]);
    expect(lines.find(({ level }) => level === "error")).toMatchObject({ taskType: "broken", plugin: "my-plugin" });
    using folder = project(broken);
    const strict = await flyteTs(["serve", "connector", "--strict", "--port", "0", "--no-metrics"], {
      cwd: folder.path,
    });
    expect(strict).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/my-plugin cannot load its connector .*broken/),
    });
  });

  test.each([
    ["that a flag names", ["--fd", "3"], false],
    ["that systemd holds", [], true],
  ] as const)("listens at a socket %s, and ends connections when they are old", async (_, args, bySystemd) => {
    const { port, descriptor, close } = await openSocket();
    const serving = serve(project(), [...args, "--max-connection-age", "1"], { descriptor, bySystemd });
    // it is the child's from here on, and what connects meanwhile waits in it
    close();
    const session = connect(`http://127.0.0.1:${port}`);
    onTestFinished(() => session.destroy());
    const goaway = once(session, "goaway");
    expect((await serving).port).toBe(String(port));
    await goaway;
  });

  test("says as much as FLYTE_TS_LOG_LEVEL asks for, unless a flag does", async () => {
    const warned = await serve(project(), [...somewhere, "--log-level", "info"], {
      env: { FLYTE_TS_LOG_LEVEL: "error" },
    });
    expect(warned.taskTypes).toEqual(["greeting"]);
    using folder = new WorkFolder();
    const wrong = await flyteTs(["serve", "connector"], { cwd: folder.path, env: { FLYTE_TS_LOG_LEVEL: "loud" } });
    expect(wrong).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/FLYTE_TS_LOG_LEVEL is "loud"; it can be debug, info, warn or error/),
    });
  });

  test("flags of which one would be ignored are refused", async () => {
    using folder = new WorkFolder();
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [["--fd", "3", "--supervise"], /leave out --fd or --supervise/],
      [["--fd", "3", "--port", "8000"], /leave out --fd or --port: the open socket has its own port/],
      [["--no-metrics", "--metrics-port", "1"], /leave out --no-metrics or --metrics-port/],
      [["--check", "--strict"], /--strict is for a service that is to run/],
      [["--check", "@flyte-ts/http"], /"@flyte-ts\/http" is for a service that is to run/],
    ];
    for (const [args, stderr] of wrong) {
      expect(await flyteTs(["serve", "connector", ...args], { cwd: folder.path })).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(stderr),
      });
    }
    const supervised = start(["serve", "connector", "--supervise"], { cwd: folder.path, bySystemd: true });
    expect(await ended(supervised)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/leave out --supervise: systemd holds a socket/),
    });
  });

  test("supervised, it keeps its port", async () => {
    const folder = project();
    const child = start(["serve", "connector", "--supervise", "--host", "127.0.0.1", "--port", "0", "--no-metrics"], {
      cwd: folder.path,
    });
    onTestFinished(() => {
      child.kill("SIGKILL");
      folder[Symbol.dispose]();
    });
    const runs = new Promise<unknown>((resolve) => {
      if (child.stdout === null) return;
      createInterface(child.stdout).on("line", (line) => {
        const { msg, port } = JSON.parse(line) as { msg: string; port?: number };
        if (msg === "the service runs") resolve(port);
      });
    });
    const port = String(await runs);
    const check = ["serve", "connector", "--check", "--host", "127.0.0.1", "--port", port];
    expect(await flyteTs(check, { cwd: folder.path })).toMatchObject({ code: 0, stdout: "SERVING\n" });
    const end = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    expect(await end).toBe(143);
  });

  test("nothing to serve, and mistakes in flags, are the user's", async () => {
    using folder = new WorkFolder();
    const run = async (...args: readonly string[]) => ended(start(["serve", ...args], { cwd: folder.path }));
    expect(await run("connector", "--port", "0", "--no-metrics")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no plugin .* was found/),
    });
    expect(await run("connector", "--port", "x")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/--port is "x"/),
    });
    expect(await run("connector", "--grace", "100", "--supervise")).toMatchObject({
      code: 1,
      stderr: 'flyte-ts serve connector: --grace is "100"; it must be a whole number (seconds, 0 to 29)\n',
    });
    expect(await run("connector", "--max-request-mb", "0")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/MiB, 1 to 2047/),
    });
    expect(await run("connector", "--service", "x")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/goes with --check alone/),
    });
    const missing = ["--strict", "--plugin", "no-one", "--plugin", "no-two"];
    expect(await run("connector", "--port", "0", "--no-metrics", ...missing)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/2 things are wrong:.*no-one is not installed.*no-two is not installed/s),
    });
    expect(await run("connector", "--tls-cert", "a")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/go together/),
    });
    expect(await run("conector")).toMatchObject({ code: 1, stderr: expect.stringMatching(/flyte-ts serve connector/) });
    expect(await run("connector", "--check", "--port", "1")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/does not say how it is/),
    });
    const help = await run("connector", "--help");
    expect(help).toMatchObject({ code: 0, stdout: expect.stringMatching(/--supervise/) });
  });
});
