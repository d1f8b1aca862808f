/** Our connector service and flyte-sdk's, with the same connector, called as Flyte v2's executor calls them. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type ConnectorService, serveConnectors } from "@flyte-ts/connector-service";
import { ConnectorRegistry, silentLog } from "@flyte-ts/core/plugin";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ScriptedConnector, ScriptedSyncConnector } from "../src/connectors/scripted-connectors.ts";
import { pythonSettings, run } from "../src/python.ts";
import { preparePython } from "../src/python-environment.ts";

type Answers = Readonly<Record<string, unknown>> & {
  readonly errors: Readonly<Record<string, readonly [string, unknown]>>;
};

const scripts = join(import.meta.dirname, "../python");
const connector = new ScriptedConnector();
let folder: string;
let service: ConnectorService;
let stopPeer: () => void;
let ours: Answers;
let theirs: Answers;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-ts-v2-"));
  const python = await preparePython(process.env, "flyte-sdk");
  const registry = new ConnectorRegistry();
  registry.register("scripted", connector);
  registry.register("scripted-sync", new ScriptedSyncConnector());
  service = await serveConnectors({
    registry,
    host: "127.0.0.1",
    port: 0,
    log: silentLog,
    env: {},
    hostLimits: { cacheMs: 0 },
  });
  const peer = spawn(python, [join(scripts, "connector_v2_service.py")], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...pythonSettings },
  });
  stopPeer = () => void peer.kill();
  const port = await new Promise<number>((resolve, reject) => {
    peer.once("exit", (code) => reject(new Error(`flyte-sdk's service ended with ${code}`)));
    createInterface({ input: peer.stdout }).on("line", (line) => {
      const [, found] = /^port (\d+)$/.exec(line) ?? [];
      if (found !== undefined) resolve(Number(found));
    });
  });
  const input = JSON.stringify({ ports: { ours: service.port, theirs: port }, prefix: folder });
  const ended = await run(python, [join(scripts, "connector_v2.py")], { input, env: pythonSettings });
  if (ended.status !== 0) throw new Error(ended.stderr);
  ({ ours, theirs } = JSON.parse(ended.stdout) as { ours: Answers; theirs: Answers });
});
afterAll(async () => {
  stopPeer?.();
  await service.close();
  await rm(folder, { recursive: true });
});

/** Where the services differ, and why. Everything else is the same. */
const differences: readonly { readonly where: string; readonly why: string }[] = [
  {
    where: "connectors",
    why: "ours lists what answers at once too, and runs it as a job; flyte-sdk has no such connectors",
  },
  { where: "log_links", why: "ours says `ready`: the page is there as soon as its address is known" },
  { where: "sameMeta", why: "flyte-sdk starts a second job for a repeated request; ours is told apart by the attempt" },
  { where: "deleted", why: "ours shows the link of a job that was cancelled before its first poll" },
  { where: "errors.connector", why: "flyte-sdk lets the exception through, as UNKNOWN" },
  { where: "errors.metrics", why: "flyte-sdk lets the exception through, as UNKNOWN" },
  { where: "errors.strangeMeta", why: "a request that cannot be is INVALID_ARGUMENT; flyte-sdk has INTERNAL" },
  { where: "errors.otherVersion", why: "flyte-sdk knows one version of a type; ours serves every version" },
];

describe("the same requests have the same answers", () => {
  test.each(["connector", "metrics", "logs"])("%s", (name) => {
    expect(ours[name]).toEqual(theirs[name]);
  });

  test.each(["succeed", "fail", "retry"])("the polls of a job that is to %s", (name) => {
    expect(withoutReady(ours[name])).toEqual(theirs[name]);
  });

  test.each(["create", "get", "delete"])("a task type that nobody serves: %s", (name) => {
    expect(ours.errors[name]).toEqual(theirs.errors[name]);
    expect(ours.errors[name]).toEqual(["NOT_FOUND", "Cannot find connector for task type: nobody."]);
  });
});

describe("what differs, differs for a reason", () => {
  test("what answers at once is listed, and is a job that has ended", () => {
    const sync = { name: "Scripted sync", supported_task_categories: [{ name: "scripted-sync" }] };
    const { connectors } = theirs.connectors as { readonly connectors: readonly unknown[] };
    expect(ours.connectors).toEqual({ connectors: [...connectors, sync] });
    expect(ours.atOnce).toMatchObject({
      phase: "SUCCEEDED",
      outputs: {
        literals: expect.arrayContaining([
          { name: "doubled", value: { scalar: { primitive: { integer: "42" } } } },
          { name: "text", value: { scalar: { primitive: { string_value: "n is 21" } } } },
        ]),
      },
    });
  });

  test("a repeated request is one job", () => {
    expect([ours.sameMeta, theirs.sameMeta]).toEqual([true, false]);
  });

  test("no secret stands in a meta, and each call brings its connection", () => {
    expect(ours.secretInMeta).toBe(false);
    expect(connector.connections[0]).toEqual([{ region: "eu" }, "hunter2-hunter2"]);
  });

  test("a job that was stopped", () => {
    expect(ours.deleted).toMatchObject(theirs.deleted as object);
  });

  test("errors", () => {
    const codes = ({ errors }: Answers) =>
      Object.fromEntries(Object.entries(errors).map(([name, [code]]) => [name, code]));
    const differing = differences.filter(({ where }) => where.startsWith("errors."));
    expect(differing.map(({ where }) => where.slice("errors.".length)).sort()).toEqual(
      Object.keys(ours.errors)
        .filter((name) => codes(ours)[name] !== codes(theirs)[name])
        .sort(),
    );
    expect(codes(ours)).toMatchObject({
      connector: "NOT_FOUND",
      metrics: "NOT_FOUND",
      strangeMeta: "INVALID_ARGUMENT",
      otherVersion: "OK",
    });
  });
});

/** The polls without what v2's console alone asks for. */
function withoutReady(polls: unknown): unknown {
  return JSON.parse(JSON.stringify(polls).replaceAll(',"ready":true', ""));
}
