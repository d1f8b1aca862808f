/**
 * Measures a connector service in which many sensors wait for files of an S3 server: processor time, memory, and how late
 * the polls are. `npm run bench:sensors [-- --tasks N --seconds S]`.
 */
import { createServer } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { PollFigures } from "@flyte-ts/core/plugin";
import { startEmulator } from "@flyte-ts/interop/emulator";
import { makeBucket, s3Keys } from "@flyte-ts/interop/s3-bucket";
import { load } from "../connector/load.ts";
import { serve } from "../connector/process.ts";
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
    const ask = (forSeconds: number) =>
      load({
        port: service.port,
        path: "/flyteidl.service.AsyncAgentService/GetTask",
        requests: Number.POSITIVE_INFINITY,
        seconds: forSeconds,
        connections: 4,
        streams: 8,
        rate: tasks / intervalSeconds,
        request: (number) => askRequest(metas[number % metas.length] ?? new Uint8Array()),
      });
    // The first polls are all at once; after an interval the tasks are spread.
    await ask(intervalSeconds);
    const before = await figures();
    const cpu = service.cpuSeconds();
    const started = performance.now();
    let peak = idle;
    const watch = setInterval(() => {
      peak = Math.max(peak, service.memory());
    }, 500);
    const { errors } = await ask(seconds);
    clearInterval(watch);
    const elapsed = (performance.now() - started) / 1000;
    const core = ((service.cpuSeconds() - cpu) / elapsed) * 100;
    const after = await figures();
    const questions = after.questions - before.questions;
    console.log(
      `${tasks} sensors, ${name}: ${core.toFixed(1)}% of a core (aim 10), ${(peak / 2 ** 20).toFixed(0)} MB at most (aim 300), ` +
        `latest poll ${(after.worstDelay * 100).toFixed(2)}% of its interval late (aim 10); ` +
        `${((after.polls - before.polls) / elapsed).toFixed(0)} answers a second by ${(questions / elapsed).toFixed(1)} polls, ` +
        `${after.waiting} wait, ${errors} errors`,
    );
  } finally {
    await service.stop();
    await store.stop();
  }
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
