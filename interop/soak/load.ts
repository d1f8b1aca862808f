import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { phaseNumbers } from "@flyte-ts/core/plugin";
import { SoakClient } from "./flyte-client.ts";
import { ServiceProcess } from "./service-process.ts";
import { startVendor } from "./vendor.ts";

/** How much of it. */
export interface LoadedOptions {
  readonly minutes: number;
  readonly port: number;
  readonly report?: (line: string) => void;
}

/** What came of it. */
export interface LoadedResult {
  readonly capacity: number;
  readonly rate: number;
  readonly calls: number;
  readonly jobs: number;
  /** Calls that failed, by their message; the vendor's faults are no reason for any. */
  readonly failed: Readonly<Record<string, number>>;
  /** Resident memory in MB, every ten seconds. */
  readonly memory: readonly number[];
  readonly wrong: readonly string[];
}

const lanes = 64;
/** As in a container of 512 MiB: where nothing limits it, V8 keeps what it has taken once. */
const small = "--max-semi-space-size=8 --max-old-space-size=192";
const { SUCCEEDED, ABORTED, FAILED, RETRYABLE_FAILED } = phaseNumbers;
const terminal: ReadonlySet<number> = new Set([SUCCEEDED, ABORTED, FAILED, RETRYABLE_FAILED]);

/** Keeps a service at 80% of what it can, with a vendor of which one request in a hundred goes wrong. */
export async function loaded({ minutes, port, report = () => {} }: LoadedOptions): Promise<LoadedResult> {
  const vendor = await startVendor({ pollsToEnd: 3, faults: 0.01, forget: true });
  const service = await ServiceProcess.start(port, vendor.url, { NODE_OPTIONS: small });
  const folder = await mkdtemp(join(tmpdir(), "flyte-ts-soak-"));
  const client = new SoakClient(port, folder);
  const failed: Record<string, number> = {};
  const counts = { calls: 0, tasks: 0 };
  const call = async <T>(what: () => Promise<T>): Promise<T | undefined> => {
    counts.calls += 1;
    try {
      return await what();
    } catch (error) {
      const { details = String(error) } = error as { readonly details?: string };
      failed[details] = (failed[details] ?? 0) + 1;
      return undefined;
    }
  };
  /** One lane: jobs one after the other, each created, asked for, and every tenth one stopped. */
  const lane = async (until: number, pause: () => Promise<void>): Promise<void> => {
    while (performance.now() < until) {
      const number = counts.tasks++;
      const meta = await call(() => client.create(`load-${number}`));
      if (meta === undefined) continue;
      for (let polls = 0; polls < 40; polls += 1) {
        await pause();
        if (terminal.has((await call(() => client.get(meta))) ?? phaseNumbers.RUNNING)) break;
        if (number % 10 === 9 && polls === 3) await call(() => client.delete(meta));
      }
    }
  };
  const drive = (seconds: number, pause: () => Promise<void>) => {
    const until = performance.now() + seconds * 1000;
    return Promise.all(Array.from({ length: lanes }, () => lane(until, pause)));
  };
  try {
    await drive(5, async () => {});
    const before = counts.calls;
    await drive(10, async () => {});
    const capacity = (counts.calls - before) / 10;
    const rate = 0.8 * capacity;
    report(`it can ${capacity.toFixed(0)} calls a second, and gets ${rate.toFixed(0)}`);
    const memory: number[] = [];
    let running = true;
    const watching = (async () => {
      for (let at = 0; running; at += 1) {
        if (at % 10 === 0) {
          memory.push(Math.round(service.memory() / 1e6));
          if (at % 60 === 0) report(`${at} s: ${counts.calls} calls, ${memory.at(-1)} MB, ${JSON.stringify(failed)}`);
        }
        await sleep(1000);
      }
    })();
    const started = performance.now();
    let due = 0;
    const pause = async (): Promise<void> => {
      const wait = started + (due++ / rate) * 1000 - performance.now();
      if (wait > 1) await sleep(wait);
    };
    await drive(minutes * 60, pause);
    running = false;
    await watching;
    return {
      capacity,
      rate,
      calls: counts.calls,
      jobs: vendor.created,
      failed,
      memory,
      wrong: verdict(failed, memory, vendor.created),
    };
  } finally {
    client.close();
    await service.stop();
    vendor.close();
    await rm(folder, { recursive: true });
  }
}

/** What a service remembers of a job, in MB. */
const jobMegabytes = 0.003;
/** Of more jobs it forgets the oldest; ten minutes are more. */
const mostJobs = 50_000;

/** No call failed, and the last quarter takes no more memory than the second, save for the jobs in between. */
function verdict(failed: Readonly<Record<string, number>>, memory: readonly number[], jobs: number): string[] {
  const wrong = Object.entries(failed).map(([message, times]) => `${times} calls failed: ${message}`);
  const quarter = Math.floor(memory.length / 4);
  const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
  const [second, last] = [middle(memory.slice(quarter, 2 * quarter)), middle(memory.slice(3 * quarter))];
  // between the middles of the two
  const more = Math.max(0, Math.min(jobs * 0.875, mostJobs) - jobs * 0.375);
  if (last > second * 1.05 + more * jobMegabytes) wrong.push(`memory grew from ${second} MB to ${last} MB`);
  return wrong;
}
