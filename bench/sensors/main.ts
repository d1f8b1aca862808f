/**
 * Measures a connector service in which many sensors wait for files of an S3 server: processor time, memory, and how late
 * the polls are; alone, and while Flyte asks for each of them at the same interval. What Flyte's asking takes of a bare
 * HTTP/2 server is measured beside it. `npm run bench:sensors [-- --tasks N --seconds S]`.
 */
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { PollFigures } from "@flyte-ts/core/plugin";
import { startEmulator } from "@flyte-ts/interop/emulator";
import { makeBucket, s3Keys } from "@flyte-ts/interop/s3-bucket";
import { type LoadResult, load } from "../connector/load.ts";
import { type Served, serve } from "../connector/process.ts";
import { askRequest, metaIn, waitRequest } from "./requests.ts";

const { values } = parseArgs({
  options: { tasks: { type: "string", default: "10000" }, seconds: { type: "string", default: "120" } },
});
const tasks = Number(values.tasks);
const seconds = Number(values.seconds);
const intervalSeconds = 30;
/** As in a container of 512 MiB: where nothing limits it, V8 keeps what it has taken once. */
const small = ["--max-semi-space-size=4", "--max-old-space-size=256"];

/** Where the files are that are waited for, by the number of a task. */
const shapes = {
  "100 folders, whose lists answer many": (number: number) => `s3://bucket/day-${number % 100}/part-${number}`,
  "a folder for each task": (number: number) => `s3://bucket/job-${number}/_SUCCESS`,
} as const;

for (const [name, path] of Object.entries(shapes)) await measure(name, path);
await measureFloor();

async function measure(name: string, path: (number: number) => string): Promise<void> {
  const store = await startEmulator("versitygw");
  await makeBucket(store.direct, "bucket");
  const figuresPort = await freePort();
  const command = [process.execPath, ...small, join(import.meta.dirname, "service.ts"), String(figuresPort)];
  const service = await serve(command, {
    ...process.env,
    MALLOC_ARENA_MAX: "2",
    FLYTE_AWS_ENDPOINT: store.direct,
    FLYTE_AWS_ACCESS_KEY_ID: s3Keys.accessKeyId,
    FLYTE_AWS_SECRET_ACCESS_KEY: s3Keys.secretAccessKey,
    AWS_REGION: "us-east-1",
  });
  const figures = async (): Promise<PollFigures> =>
    (await (await fetch(`http://127.0.0.1:${figuresPort}`)).json()) as PollFigures;
  try {
    const metas = await created(service.port, path);
    const idle = service.memory();
    // The first polls are all at once; after an interval the tasks are spread.
    await ask(service, metas, intervalSeconds);
    const alone = await during(service, () => pause(seconds * 1000));
    const before = await figures();
    const asked = await during(service, () => ask(service, metas, seconds));
    const after = await figures();
    console.log(
      `${tasks} sensors, ${name}: ${alone.core.toFixed(1)}% of a core (aim 10), ` +
        `${(asked.core - alone.core).toFixed(1)}% more while Flyte asks for each, too; ` +
        `${(Math.max(idle, alone.peak, asked.peak) / 2 ** 20).toFixed(0)} MB at most (aim 300), ` +
        `latest poll ${(after.worstDelay * 100).toFixed(2)}% of its interval late (aim 10); ` +
        `${((after.polls - before.polls) / asked.elapsed).toFixed(0)} answers a second, ` +
        `${after.waiting} wait, ${asked.result.errors} errors`,
    );
  } finally {
    await service.stop();
    await store.stop();
  }
}

/** What the asking alone takes of a bare HTTP/2 server that answers with as many bytes. */
async function measureFloor(): Promise<void> {
  const answer = Buffer.alloc(5 + 100);
  answer.writeUInt32BE(100, 1);
  const floor = join(import.meta.dirname, "../connector/floor.ts");
  const bare = await serve([process.execPath, ...small, floor, answer.toString("hex")]);
  const metas = Array.from({ length: 1000 }, () => new Uint8Array(600));
  try {
    await ask(bare, metas, intervalSeconds / 3);
    const { core } = await during(bare, () => ask(bare, metas, seconds / 2));
    console.log(`a bare HTTP/2 server that is asked as often: ${core.toFixed(1)}% of a core`);
  } finally {
    await bare.stop();
  }
}

/** Asks for every task once an interval, as Flyte does. */
function ask({ port }: Served, metas: readonly Uint8Array[], forSeconds: number): Promise<LoadResult> {
  return load({
    port,
    path: "/flyteidl.service.AsyncAgentService/GetTask",
    requests: Number.POSITIVE_INFINITY,
    seconds: forSeconds,
    connections: 4,
    streams: 8,
    rate: tasks / intervalSeconds,
    request: (number) => askRequest(metas[number % metas.length] ?? new Uint8Array()),
  });
}

/** What a server takes while something happens: a share of a core in percent, and the most bytes of memory. */
async function during<T>(served: Served, what: () => Promise<T>) {
  const cpu = served.cpuSeconds();
  const started = performance.now();
  let peak = served.memory();
  const watch = setInterval(() => {
    peak = Math.max(peak, served.memory());
  }, 500);
  const result = await what();
  clearInterval(watch);
  const elapsed = (performance.now() - started) / 1000;
  return { result, peak, elapsed, core: ((served.cpuSeconds() - cpu) / elapsed) * 100 };
}

/** Starts all waits, a thousand at a time. @returns their metas. */
async function created(port: number, path: (number: number) => string): Promise<Uint8Array[]> {
  const metas: Uint8Array[] = [];
  const most = 1000;
  for (let first = 0; first < tasks; first += most) {
    const { sample, errors } = await load({
      port,
      path: "/flyteidl.service.AsyncAgentService/CreateTask",
      requests: Math.min(most, tasks - first),
      connections: 4,
      streams: 8,
      // A propeller starts ten a second unless it is told otherwise.
      rate: 250,
      request: (number) => waitRequest(first + number, path(first + number)),
    });
    if (errors > 0) throw new Error(`${errors} tasks were not created`);
    metas.push(...sample.map(metaIn));
  }
  return metas;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
