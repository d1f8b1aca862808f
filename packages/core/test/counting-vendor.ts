import { type AsyncConnector, FlyteError, type JobContext, type Resource } from "@flyte-ts/core/plugin";
import * as v from "valibot";

/** A job of the vendor's. */
export interface CountedJob {
  readonly id: number;
  readonly key: string;
  state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
}

/** What the next request comes to. */
export type Turn = "ok" | "lose" | "unavailable" | "hang" | FlyteError | Error;

/** A vendor that counts: a job for each key, whatever is asked how often. */
export class CountingVendor {
  readonly jobs: CountedJob[] = [];
  readonly requests: string[] = [];
  turns: Turn[] = [];
  /** After the turns. */
  always: Turn = "ok";
  message = "";

  job(key: string): CountedJob | undefined {
    return this.jobs.find((job) => job.key === key);
  }

  get live(): readonly CountedJob[] {
    return this.jobs.filter(({ state }) => state === "queued" || state === "running");
  }

  async request<R>(name: string, signal: AbortSignal, work: () => R): Promise<R> {
    this.requests.push(name);
    signal.throwIfAborted();
    const turn = this.turns.shift() ?? this.always;
    if (turn === "unavailable") throw new FlyteError("Unavailable", "503");
    if (typeof turn === "object") throw turn;
    const done = work();
    if (turn === "lose") throw new FlyteError("Unavailable", "socket hang up");
    if (turn === "hang") {
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    }
    return done;
  }

  insert(key: string): CountedJob {
    const known = this.job(key);
    if (known !== undefined) return known;
    const job: CountedJob = { id: this.jobs.length + 1, key, state: "running" };
    this.jobs.push(job);
    return job;
  }
}

/** The meta of a counted job. */
export interface CountedMeta {
  readonly key: string;
}

/** The connector of the counting vendor. */
export class CountingConnector implements AsyncConnector<CountedMeta> {
  readonly name = "Counting";
  readonly meta: AsyncConnector<CountedMeta>["meta"] = { version: 1, schema: v.object({ key: v.string() }) };
  readonly vendor: CountingVendor;
  readonly requestsPerSecond: number = Number.POSITIVE_INFINITY;
  readonly find?: NonNullable<AsyncConnector<CountedMeta>["find"]>;

  constructor(vendor = new CountingVendor(), { find = false } = {}) {
    this.vendor = vendor;
    if (find) {
      this.find = ({ idempotencyKey: key, signal }) =>
        vendor.request("find", signal, () => (vendor.job(key) === undefined ? undefined : { key }));
    }
  }

  create({ idempotencyKey: key, signal }: Parameters<AsyncConnector["create"]>[0]): Promise<CountedMeta> {
    return this.vendor.request("create", signal, () => ({ key: this.vendor.insert(key).key }));
  }

  get({ meta, signal }: JobContext<CountedMeta>): Promise<Resource> {
    return this.vendor.request("get", signal, () => {
      const job = this.vendor.job(meta.key);
      if (job === undefined) throw new FlyteError("NotFound", `no job ${meta.key}`);
      const phases = {
        queued: "QUEUED",
        running: "RUNNING",
        succeeded: "SUCCEEDED",
        failed: "FAILED",
        cancelled: "ABORTED",
      } as const;
      return {
        phase: phases[job.state],
        message: this.vendor.message,
        ...(job.state === "succeeded" ? { outputs: { rows: BigInt(job.id) } } : {}),
      };
    });
  }

  delete({ meta, signal }: JobContext<CountedMeta>): Promise<void> {
    return this.vendor.request("delete", signal, () => {
      const job = this.vendor.job(meta.key);
      if (job === undefined) throw new FlyteError("NotFound", `no job ${meta.key}`);
      if (job.state === "queued" || job.state === "running") job.state = "cancelled";
    });
  }

  logLinks({ key }: CountedMeta) {
    return [{ name: "Job", uri: `https://vendor.example/jobs/${key.slice(0, 8)}` }];
  }
}
