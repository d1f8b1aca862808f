/**
 * Measures the connector service beside flytekit's and beside a bare HTTP/2 server, in turns, with one load generator:
 * `npm run bench:connector [-- --turns N --requests N]`.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { checkHealth } from "@flyte-ts/connector-service";
import { preparePython } from "@flyte-ts/interop/python-environment";
import { type LoadResult, load, quantile } from "./load.ts";
import { type Served, serve } from "./process.ts";
import { createRequest, getRequest, numbered } from "./requests.ts";

const { values } = parseArgs({
  options: {
    turns: { type: "string", default: "3" },
    requests: { type: "string", default: "40000" },
    python: { type: "string" },
    service: { type: "string", default: join(import.meta.dirname, "service.ts") },
  },
});
const turns = Number(values.turns);
const requests = Number(values.requests);
const python = values.python ?? (await preparePython());
const prefix = "/flyteidl.service.AsyncAgentService";
const create = createRequest();
const shape = { connections: 4, streams: 16 };

interface Turn {
  readonly perSecond: number;
  readonly perCore: number;
  readonly cpuMicros: number;
  readonly p50: number;
  readonly p99: number;
  readonly errors: number;
}

const running = new Set<Served>();
process.on("exit", () => {
  for (const served of running) void served.stop();
});
const started = async (command: readonly string[], env?: NodeJS.ProcessEnv): Promise<Served> => {
  const served = await serve(command, env);
  running.add(served);
  return served;
};

const results = new Map<string, Turn[]>();
/** Bytes, ours and flytekit's. */
const memory: [number, number][] = [];
/** Milliseconds. */
const ready: number[] = [];
let offset = 0;
for (let turn = 0; turn < turns; turn += 1) {
  const ours = await started([process.execPath, values.service]);
  const theirs = await started([python, join(import.meta.dirname, "flytekit_service.py")], {
    ...process.env,
    FLYTE_SDK_LOGGING_LEVEL: "40",
  });
  await answering(theirs);
  const answers = new Map<string, Buffer>();
  for (const [name, served] of [
    ["flyte-ts", ours],
    ["flytekit", theirs],
  ] as const) {
    const made = await measured(served, `${name} CreateTask`, "CreateTask", (number) =>
      numbered(create, offset + number),
    );
    const metas = made.sample.map((answer) => metaIn(answer));
    const gets = metas.map(getRequest);
    const got = await measured(
      served,
      `${name} GetTask`,
      "GetTask",
      (number) => gets[number % gets.length] ?? create.frame,
    );
    if (name === "flyte-ts") {
      answers.set("CreateTask", made.sample[0] ?? Buffer.alloc(0));
      answers.set("GetTask", got.sample[0] ?? Buffer.alloc(0));
    }
    offset += 2 * requests;
  }
  memory.push([await withJobs(ours), theirs.memory()]);
  ready.push(await readyAfter(18_790));
  await ours.stop();
  await theirs.stop();
  for (const [method, answer] of answers) {
    const floor = await started([
      process.execPath,
      join(import.meta.dirname, "floor.ts"),
      framed(answer).toString("hex"),
    ]);
    const meta = answers.get("CreateTask") ?? Buffer.alloc(0);
    const get = getRequest(metaIn(meta));
    await measured(
      floor,
      `floor ${method}`,
      method,
      method === "GetTask" ? () => get : (number) => numbered(create, number),
    );
    await floor.stop();
  }
  process.stderr.write(".");
}
process.stderr.write("\n");
const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
console.log(
  `memory behind ${3 * requests} requests: ${(middle(memory.map(([own]) => own)) / 1e6).toFixed(0)} MB with ` +
    `${1.5 * requests} jobs remembered, flytekit ${(middle(memory.map(([, peer]) => peer)) / 1e6).toFixed(0)} MB`,
);
console.log(
  `from the start of flyte-ts serve connector until health says SERVING: ${middle(ready).toFixed(0)} ms (aim 300)`,
);
for (const method of ["GetTask", "CreateTask"]) {
  const ours = median(results.get(`flyte-ts ${method}`), "perCore");
  const theirs = median(results.get(`flytekit ${method}`), "perCore");
  const floor = median(results.get(`floor ${method}`), "perCore");
  for (const who of ["flyte-ts", "flytekit", "floor"]) {
    const all = results.get(`${who} ${method}`);
    const at = (key: keyof Turn): number => median(all, key);
    console.log(
      `${method.padEnd(10)} ${who.padEnd(9)} ${at("perCore").toFixed(0).padStart(6)} requests a second and core, ` +
        `${at("cpuMicros").toFixed(1)} us of CPU each, ${at("perSecond").toFixed(0)}/s, p50 ${at("p50").toFixed(2)} ms, p99 ${at("p99").toFixed(2)} ms, ${at("errors")} errors`,
    );
  }
  console.log(
    `${method}: ${(ours / theirs).toFixed(1)} times flytekit's (aim 6), ${((100 * ours) / floor).toFixed(0)}% of the floor (aim 60)`,
  );
}

async function measured(
  served: Served,
  name: string,
  method: string,
  request: (number: number) => Buffer,
): Promise<LoadResult> {
  const at = { ...shape, port: served.port, path: `${prefix}/${method}` };
  // the first ones find code that is not compiled yet, and do not count
  await load({ ...at, requests: requests / 2, request });
  const before = served.cpuSeconds();
  const result = await load({ ...at, requests, request: (number) => request(number + requests) });
  const cpu = served.cpuSeconds() - before;
  const turn = {
    perSecond: result.requests / result.seconds,
    perCore: result.requests / cpu,
    cpuMicros: (cpu / result.requests) * 1e6,
    p50: quantile(result.latencies, 0.5),
    p99: quantile(result.latencies, 0.99),
    errors: result.errors,
  };
  results.set(name, [...(results.get(name) ?? []), turn]);
  return result;
}

/** Memory when what nobody needs has gone. */
async function withJobs(served: Served): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 2000));
  return served.memory();
}

/** How long the command takes until it serves, with a plugin of one file. */
async function readyAfter(port: number): Promise<number> {
  const checkout = join(import.meta.dirname, "../..");
  const args = [
    "serve",
    "connector",
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
    "--no-metrics",
    "--log-level",
    "error",
  ];
  const startedAt = performance.now();
  const child = spawn(process.execPath, [join(checkout, "packages/cli/bin/flyte-ts.js"), ...args], {
    cwd: join(checkout, "interop/soak/plugin"),
    stdio: "inherit",
  });
  for (let left = 1000; left > 0; left -= 1) {
    const answer = await checkHealth({ address: `127.0.0.1:${port}`, timeoutMs: 100 }).catch(() => "UNKNOWN");
    if (answer === "SERVING") break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const ms = performance.now() - startedAt;
  child.kill("SIGKILL");
  return ms;
}

/** The meta in a `CreateTaskResponse`, its only field. */
function metaIn(answer: Buffer): Uint8Array {
  const long = (answer[1] ?? 0) >= 0x80;
  return answer.subarray(long ? 3 : 2);
}

function framed(message: Buffer): Buffer {
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  return Buffer.concat([frame, message]);
}

/** flytekit prints its port before it listens. */
async function answering({ port }: Served): Promise<void> {
  for (let left = 200; left > 0; left -= 1) {
    const [answer] = await Promise.allSettled([
      load({ port, path: `${prefix}/GetTask`, request: () => create.frame, requests: 1, connections: 1, streams: 1 }),
    ]);
    if (answer.status === "fulfilled" && answer.value.requests > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("flytekit's service does not answer");
}

function median(all: readonly Turn[] | undefined, key: keyof Turn): number {
  const sorted = (all ?? []).map((turn) => turn[key]).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
