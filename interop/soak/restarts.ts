import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { phaseNumbers } from "@flyte-ts/core/plugin";
import { SoakClient } from "./flyte-client.ts";
import { ServiceProcess } from "./service-process.ts";
import { startVendor, type VendorJob } from "./vendor.ts";

/** How much of it. */
export interface RestartsOptions {
  /** Tasks, all of them under way at once; a quarter is aborted. */
  readonly tasks: number;
  /** How often the service is killed, or replaced, at random. */
  readonly restarts: number;
  /** The port that the service keeps. */
  readonly port: number;
  /** Takes a line now and then. */
  readonly report?: (line: string) => void;
}

/** What came of it. */
export interface RestartsResult {
  /** How many jobs the vendor ever had. */
  readonly created: number;
  readonly jobs: readonly VendorJob[];
  /** How each task ended, by its last phase; `aborted` for those that were stopped. */
  readonly ended: readonly string[];
  /** Calls that failed because the service was killed under them, and were repeated. */
  readonly lost: number;
}

const { SUCCEEDED, ABORTED, FAILED, RETRYABLE_FAILED } = phaseNumbers;
const terminal: ReadonlySet<number> = new Set([SUCCEEDED, ABORTED, FAILED, RETRYABLE_FAILED]);

/** How often a call is repeated before it counts as a failure of the test. */
const patience = 500;

/**
 * Runs tasks through a service that is killed again and again: each CreateTask is repeated until it is answered, and one
 * in four once more, as propeller does when it loses what it knew.
 */
export async function restarts({
  tasks,
  restarts: count,
  port,
  report = () => {},
}: RestartsOptions): Promise<RestartsResult> {
  const progress = { lost: 0, kills: 0, doneAt: Number.POSITIVE_INFINITY };
  const done = () => progress.kills >= count;
  // a job runs until there are no more restarts, so that all are under way together, and those that are to be stopped are
  const vendor = await startVendor({ mayEnd: () => Date.now() > progress.doneAt + 3000 });
  const service = await ServiceProcess.start(port, vendor.url);
  const folder = await mkdtemp(join(tmpdir(), "flyte-ts-soak-"));
  const client = new SoakClient(port, folder);
  const again = async <T>(call: () => Promise<T>): Promise<T> => {
    for (let left = patience; ; left -= 1) {
      try {
        return await call();
      } catch (error) {
        if (left === 0) throw error;
        progress.lost += 1;
        await sleep(20 + Math.random() * 100);
      }
    }
  };
  const killing = (async () => {
    for (; progress.kills < count; progress.kills += 1) {
      await sleep(Math.random() * 400);
      // one in five is a planned one
      await (Math.random() < 0.2 ? service.restart() : service.kill());
      report(`restart ${progress.kills + 1} of ${count}; ${vendor.created} jobs, ${progress.lost} calls repeated`);
    }
    progress.doneAt = Date.now();
  })();
  const run = async (at: number): Promise<string> => {
    // spread over the restarts, so that each step of some task meets one
    await sleep(Math.random() * 300 * count * 0.5);
    const task = `task-${at}`;
    let meta = await again(() => client.create(task));
    if (at % 4 === 1) meta = await again(() => client.create(task));
    const aborted = at % 4 === 3;
    for (;;) {
      if (aborted && (done() || Math.random() < 0.1)) {
        await again(() => client.delete(meta));
        await again(() => client.delete(meta));
        return "aborted";
      }
      const phase = await again(() => client.get(meta));
      if (terminal.has(phase)) return String(phase);
      await sleep(100 + Math.random() * 200);
    }
  };
  try {
    const ended = await Promise.all(Array.from({ length: tasks }, (_, at) => run(at)));
    await killing;
    return { created: vendor.created, jobs: [...vendor.jobs.values()], ended, lost: progress.lost };
  } finally {
    client.close();
    await service.stop();
    vendor.close();
    await rm(folder, { recursive: true });
  }
}
