import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { silentLog } from "@flyte-ts/core/plugin";
import { AgentMetadataService, AsyncAgentService } from "@flyte-ts/idl/service";
import { expect, onTestFinished, test, vi } from "vitest";
import { type SuperviseOptions, type Supervisor, supervise } from "../src/index.ts";
import { FlyteClient } from "./flyte-client.ts";
import { createRequest } from "./served.ts";

// each start compiles the sources
vi.setConfig({ testTimeout: 90_000 });

const command: readonly string[] = [
  process.execPath,
  "--conditions=@flyte-ts/source",
  "--experimental-transform-types",
  "--no-warnings",
  join(import.meta.dirname, "fixtures/supervised-service.ts"),
];

async function supervised(options: Partial<SuperviseOptions> = {}): Promise<Supervisor> {
  const supervisor = await supervise({ command, host: "127.0.0.1", port: 0, log: silentLog, ...options });
  onTestFinished(async () => {
    supervisor.close();
    supervisor.close();
    await supervisor.ended;
  });
  return supervisor;
}

/** A port that somebody listens at, until it is freed. */
async function takenPort(): Promise<{ readonly port: number; free(): Promise<void> }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, free: () => new Promise((resolve) => server.close(() => resolve())) };
}

const list = (client: FlyteClient) => client.call(AgentMetadataService.method.listAgents, {});

test("the port answers through a service that is killed: what comes meanwhile waits", async () => {
  const supervisor = await supervised();
  const client = new FlyteClient(supervisor.port);
  onTestFinished(() => client.close());
  const { resourceMeta } = await client.call(AsyncAgentService.method.createTask, createRequest("n0"));
  const { pid = 0 } = supervisor;
  process.kill(pid, "SIGKILL");
  // a new client, as one that has just noticed the loss: its connection is taken, and its call answered
  const next = new FlyteClient(supervisor.port);
  expect((await list(next)).agents).toHaveLength(1);
  next.close();
  expect(supervisor.pid).not.toBe(pid);
  // the vendor's memory went with the process; the job's bytes still say whose they are
  const about = { resourceMeta, taskCategory: { name: "memory" } };
  expect((await client.call(AsyncAgentService.method.getTask, about)).resource?.phase).toBeGreaterThan(0);
});

test("a new service takes over before the old one ends", async () => {
  const supervisor = await supervised();
  const { pid } = supervisor;
  const client = new FlyteClient(supervisor.port);
  onTestFinished(() => client.close());
  await supervisor.restart();
  expect(supervisor.pid).not.toBe(pid);
  expect((await list(client)).agents).toHaveLength(1);
});

test("the port of metrics goes from the old service to the new one", async () => {
  const { port, free } = await takenPort();
  const options = { command, host: "127.0.0.1", port: 0, log: silentLog };
  const env = { ...process.env, METRICS_PORT: String(port) };
  // nobody's but the old service's is waited for
  await expect(supervise({ ...options, env, maxFailures: 1 })).rejects.toMatchObject({ code: "InvalidInput" });
  await free();
  const supervisor = await supervised({ env });
  const startOf = async (): Promise<string | undefined> => {
    const text = await fetch(`http://127.0.0.1:${port}/metrics`).then((answer) => answer.text());
    return /^process_start_time_seconds (.+)$/m.exec(text)?.[1];
  };
  const [first, { pid }] = [await startOf(), supervisor];
  await supervisor.restart();
  expect(supervisor.pid).not.toBe(pid);
  await vi.waitFor(async () => expect((await startOf()) ?? first).not.toBe(first), { timeout: 30_000 });
});

test("a service that cannot start is no reason to try for ever", async () => {
  const start = supervise({
    command: [process.execPath, "-e", "process.exit(1)"],
    host: "127.0.0.1",
    port: 0,
    log: silentLog,
  });
  await expect(start).rejects.toMatchObject({ code: "InvalidInput", message: expect.stringMatching(/ends with 1/) });
});

test("the end: the service finishes, and its exit code is the supervisor's", async () => {
  const supervisor = await supervised();
  supervisor.close();
  expect(await supervisor.ended).toBe(0);
});

test("a new service that cannot start leaves the old one in its place", async () => {
  const switchFile = join(mkdtempSync(join(tmpdir(), "flyte-ts-supervise-")), "broken");
  onTestFinished(() => rmSync(dirname(switchFile), { recursive: true }));
  const script = `process.getBuiltinModule("node:fs").existsSync(${JSON.stringify(switchFile)}) ? process.exit(1) : await import(${JSON.stringify(command.at(-1))})`;
  const supervisor = await supervised({
    command: [...command.slice(0, -1), "--input-type=module", "--eval", script],
  });
  const { pid } = supervisor;
  writeFileSync(switchFile, "");
  await supervisor.restart();
  expect(supervisor.pid).toBe(pid);
  const client = new FlyteClient(supervisor.port);
  onTestFinished(() => client.close());
  expect((await list(client)).agents).toHaveLength(1);
});
