import { attemptKeys, type ConnectorHost, FlyteError, Secret, silentLog } from "@flyte-ts/core/plugin";
import { ManualClock } from "@flyte-ts/core/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { passing, requestOf, Surroundings } from "./connector-surroundings.ts";
import { QueryConnector, QueryVendor } from "./query-vendor.ts";

/** Tasks of a run: two nodes, and a second attempt of the first. */
const tasks = ["n0/0", "n1/0", "n0/1"] as const;
type Task = (typeof tasks)[number];

type Step =
  | { readonly do: "create" | "get" | "delete"; readonly task: Task; readonly wait: boolean; readonly at: 0 | 1 }
  | { readonly do: "fault"; readonly on: "create" | "get" | "delete"; readonly kind: Fault; readonly times: number }
  | { readonly do: "mend" | "restart" }
  | { readonly do: "pass" | "slow"; readonly ms: number };

type Fault = "unavailable" | "throttle" | "lose" | "hang";

const call = fc.record({
  do: fc.constantFrom("create", "create", "get", "get", "delete"),
  task: fc.constantFrom(...tasks),
  wait: fc.boolean(),
  // calls go to whichever replica of the service a connection leads to
  at: fc.constantFrom(0, 0, 1),
});
const fault = fc.record({
  do: fc.constant("fault"),
  on: fc.constantFrom("create", "create", "get", "delete"),
  kind: fc.constantFrom<Fault>("unavailable", "throttle", "lose", "hang"),
  times: fc.constantFrom(1, 2, 5),
});
const turn = fc.record({ do: fc.constantFrom("mend", "restart", "restart") });
const pass = fc.record({ do: fc.constant("pass"), ms: fc.constantFrom(0, 300, 5_000, 70_000) });
const slow = fc.record({ do: fc.constant("slow"), ms: fc.constantFrom(1_000, 9_000, 30_000, 65_000) });
const steps = fc.array(fc.oneof({ weight: 5, arbitrary: call }, fault, turn, pass, slow), {
  minLength: 3,
  maxLength: 24,
});

/** A vendor that may take its time: what has come in is done, whether the caller still waits or not. */
class SlowVendor extends QueryVendor {
  readonly clock: ManualClock;
  /** Milliseconds that the next requests take, one after another. */
  delays: number[] = [];
  /** Milliseconds after which the vendor's client gives up by itself, before the host does. */
  patience = Number.POSITIVE_INFINITY;
  /** Aborted when the process that has sent the requests is killed. */
  killed = new AbortController();

  constructor(clock: ManualClock) {
    super();
    this.clock = clock;
  }

  override async request<R>(...[operation, request, work]: Parameters<QueryVendor["request"]>): Promise<R> {
    request.signal.throwIfAborted();
    const delay = this.delays.shift() ?? 0;
    if (delay === 0) return super.request(operation, request, work) as Promise<R>;
    const { signal: killed } = this.killed;
    const late = this.clock.sleep(delay, { signal: killed }).then(() => {
      const { signal: _, ...rest } = request;
      return super.request(operation, { ...rest, signal: killed }, work) as Promise<R>;
    });
    return new Promise((resolve, reject) => {
      late.then(resolve, reject);
      request.signal.addEventListener("abort", () => reject(request.signal.reason), { once: true });
      if (delay <= this.patience) return;
      const over = (): void => reject(new FlyteError("Unavailable", "the vendor's client waits no longer"));
      this.clock.sleep(this.patience, { signal: killed }).then(over, () => {});
    });
  }
}

class WithoutFind extends QueryConnector {
  override readonly find = undefined as never;
}

/** Flyte and the operator, at their worst: they call, forget the answers, repeat themselves, and kill the service. */
class Run {
  readonly clock = new ManualClock();
  readonly vendor = new SlowVendor(this.clock);
  readonly around: Surroundings;
  readonly metas = new Map<Task, Uint8Array>();
  /** When a task's creation was last asked for. */
  readonly sent = new Map<Task, number>();
  /** Tasks whose deletion was asked for: these may have no job left. */
  readonly deleted = new Set<Task>();
  /** Those of them that are gone, as Flyte was told: it asks no more. */
  readonly gone = new Set<Task>();
  readonly open = new Set<Promise<unknown>>();
  hosts: readonly [ConnectorHost, ConnectorHost];

  constructor(find: boolean, impatient: boolean) {
    if (impatient) this.vendor.patience = 3_000;
    this.around = new Surroundings(find ? new QueryConnector(this.vendor) : new WithoutFind(this.vendor), this.clock);
    this.hosts = [this.newHost(), this.newHost()];
  }

  newHost(): ConnectorHost {
    return this.around.host({
      log: silentLog,
      limits: { callMs: 20_000 },
      secrets: { get: async () => new Secret("token-of-the-vendor") },
    });
  }

  key(task: Task): string {
    const { metadata, template, outputPrefix, attempt } = this.request(task);
    const { name = "", version = "" } = template.id ?? {};
    return attemptKeys({ ...metadata, task: name, version, outputPrefix, attempt }).idempotencyKey;
  }

  request(task: Task) {
    const [node = "", attempt = "0"] = task.split("/");
    return requestOf({
      category: this.around.category,
      outputPrefix: `mem://bucket/e1/${node}/data/${attempt}`,
      attempt: Number(attempt),
    });
  }

  async step(step: Step): Promise<void> {
    switch (step.do) {
      case "pass":
        return this.around.clock.pass(step.ms);
      case "slow":
        this.vendor.delays.push(step.ms);
        return;
      case "mend":
        return this.vendor.mend();
      case "fault":
        return this.vendor.fault(step);
      case "restart": {
        // killed: what was under way is cut off, and what it knew is gone
        return this.restart();
      }
      default: {
        const done = this.call(step.do, step.task, this.hosts[step.at]);
        const open = done.catch(() => {}).finally(() => this.open.delete(open));
        this.open.add(open);
        if (step.wait) await passing(this.around.clock, open);
      }
    }
  }

  async restart(): Promise<void> {
    const closing = this.close();
    this.vendor.killed.abort();
    this.vendor.killed = new AbortController();
    this.hosts = [this.newHost(), this.newHost()];
    await passing(this.clock, closing);
  }

  async close(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.close()));
  }

  async call(what: "create" | "get" | "delete", task: Task, host: ConnectorHost): Promise<void> {
    const { category } = this.around;
    if (what === "create") {
      // propeller creates a next attempt when the one before was told to be over, and nothing twice that it deleted
      if (this.deleted.has(task)) return;
      this.sent.set(task, this.clock.elapsed());
      this.metas.set(task, await host.create(this.request(task), { deadlineMs: 10_000 }));
      return;
    }
    const resourceMeta = this.metas.get(task);
    if (resourceMeta === undefined) return;
    if (what === "get") await host.get({ category, resourceMeta }, { deadlineMs: 10_000 });
    else {
      // propeller waits for its create, or was started anew meanwhile, which takes longer
      if (this.clock.elapsed() - (this.sent.get(task) ?? 0) < 2_000) return;
      this.deleted.add(task);
      await host.delete({ category, resourceMeta }, { deadlineMs: 10_000 });
      this.gone.add(task);
    }
  }

  /** The vendor is well again, and Flyte goes on with what it knows. */
  async end(restarted: boolean): Promise<void> {
    this.vendor.mend();
    this.vendor.delays = [];
    const { clock, category } = this.around;
    await passing(clock, Promise.all(this.open));
    for (const [task, resourceMeta] of this.metas) {
      if (this.deleted.has(task) && !this.gone.has(task)) {
        await passing(clock, this.hosts[0].delete({ category, resourceMeta }, { deadlineMs: 10_000 }));
      }
    }
    await clock.pass(120_000);
    if (restarted) await this.restart();
    for (const resourceMeta of this.metas.values()) {
      await passing(clock, this.hosts[0].get({ category, resourceMeta }, { deadlineMs: 10_000 }));
    }
    await clock.pass(120_000);
  }

  /** What must hold in the end. */
  check(): void {
    const jobs = this.vendor.jobs();
    expect(new Set(jobs.map(({ key }) => key)).size, "no key has two jobs").toBe(jobs.length);
    for (const task of tasks) {
      const job = jobs.find(({ key }) => key === this.key(task));
      const lives = job !== undefined && ["queued", "running"].includes(job.state);
      // An attempt ends the one before where the vendor can be asked for it, or this process knows of it.
      const over = task === "n0/0" && this.metas.has("n0/1");
      if (this.deleted.has(task)) expect(lives, `${task} was deleted`).toBe(false);
      else if (this.metas.has(task) && !over) expect(lives, `${task} goes on`).toBe(true);
    }
  }
}

describe.each([true, false])("whatever is called, lost, repeated and restarted (find: %s)", (find) => {
  test("there is one job for each attempt, and none for one that was deleted", async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), fc.boolean(), async (given, restarted, impatient) => {
        const run = new Run(find, impatient);
        for (const step of given) await run.step(step as Step);
        await run.end(restarted);
        run.check();
        await passing(run.around.clock, run.close());
      }),
      { numRuns: 300 },
    );
  });
});
