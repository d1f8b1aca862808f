import { FlyteContext, FlyteError, type Types } from "@flyte-ts/core";
import {
  BaseSensor,
  found,
  notYet,
  type PollAnswer,
  type PollContext,
  type PollRequest,
  PollScheduler,
  silentLog,
  type WaitOptions,
  waitOf,
} from "@flyte-ts/core/plugin";
import { ManualClock } from "@flyte-ts/core/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TimerHeap } from "../src/sensor/timer-heap.ts";

type Poll = (request: PollRequest, context: PollContext) => PollAnswer | Promise<PollAnswer>;

/** A sensor that notes when it is polled, and answers as a test says. */
class Probe extends BaseSensor<Types, Types, object> {
  readonly name = "probe";
  readonly inputs = {};
  readonly outputs = {};
  override readonly requestsPerSecond: number;
  readonly polls: { readonly at: number; readonly of: readonly unknown[] }[] = [];
  readonly #clock: ManualClock;
  readonly #answer: Poll;
  readonly #group: string | undefined;

  constructor(clock: ManualClock, answer: Poll, options: { group?: string; requestsPerSecond?: number } = {}) {
    super();
    this.#clock = clock;
    this.#answer = answer;
    this.#group = options.group;
    this.requestsPerSecond = options.requestsPerSecond ?? 1000;
  }
  override readConfig(config: object): object {
    return config;
  }
  override group(): string | undefined {
    return this.#group;
  }
  async poll(request: PollRequest, context: PollContext): Promise<PollAnswer> {
    this.polls.push({ at: this.#clock.elapsed(), of: [request.inputs] });
    return this.#answer(request, context);
  }
  override pollTogether(requests: readonly PollRequest[], context: PollContext): readonly Promise<PollAnswer>[] {
    this.polls.push({ at: this.#clock.elapsed(), of: requests.map(({ inputs }) => inputs) });
    return requests.map(async (request) => this.#answer(request, context));
  }
  get times(): readonly number[] {
    return this.polls.map(({ at }) => at);
  }
}

function setUp(random = 0) {
  const clock = new ManualClock();
  const scheduler = new PollScheduler(clock, () => random);
  const { storage, datasets, types } = new FlyteContext();
  const secrets = { get: () => Promise.reject(new Error("no secrets here")) };
  const surroundings = { clock, log: silentLog, storage, datasets, types, secrets };
  const add = (
    sensor: Probe,
    options: WaitOptions = {},
    more: { key?: string; startedAt?: number; lease?: number } = {},
  ) =>
    scheduler.add(more.key ?? "key", {
      task: "wait",
      sensor,
      request: {
        inputs: { key: more.key ?? "key" },
        config: {},
        startedAt: more.startedAt ?? clock.now(),
        memory: undefined,
      },
      wait: waitOf("wait", { jitter: 0, ...options }),
      surroundings,
      ...(more.lease === undefined ? {} : { lease: more.lease }),
    });
  return { clock, scheduler, add };
}

const never: Poll = () => notYet("nothing");

describe("one wait", () => {
  test("polls at once, then at its interval, and ends with what is found", async () => {
    const { clock, scheduler, add } = setUp();
    const sensor = new Probe(clock, () => (clock.elapsed() >= 20_000 ? found({ x: 1 }) : notYet("x")));
    const waiting = add(sensor, { pollInterval: 5000 });
    await clock.pass(0);
    expect(sensor.times).toEqual([0]);
    await clock.pass(60_000);
    expect(sensor.times).toEqual([0, 5000, 10_000, 15_000, 20_000]);
    expect(await waiting.ended).toEqual({ found: { x: 1 } });
    expect(scheduler.size).toBe(0);
    expect(clock.sleeping).toBe(0);
  });

  test("backs off up to its longest interval, and polls earlier by its jitter", async () => {
    const { clock, add } = setUp(1);
    const sensor = new Probe(clock, never);
    add(sensor, { pollInterval: 1000, backoff: { factor: 2, maxInterval: 4000 }, jitter: 0.5 });
    await clock.pass(8000);
    expect(sensor.times).toEqual([0, 500, 1500, 3500, 5500, 7500]);
  });

  test("asks a last time when its time is up, and says what it waited for", async () => {
    const { clock, add } = setUp();
    const late = new Probe(clock, () => (clock.elapsed() === 25_000 ? found({}) : notYet("3 files")));
    const waiting = add(late, { timeout: 25_000 });
    await clock.pass(30_000);
    expect(late.times).toEqual([0, 10_000, 20_000, 25_000]);
    expect(await waiting.ended).toEqual({ found: {} });

    const sensor = new Probe(clock, () => notYet("3 files"));
    const other = add(sensor, { timeout: 25_000 });
    await clock.pass(25_000);
    expect(await other.ended).toMatchObject({
      timedOut: { code: "Timeout", recoverable: false, message: "task wait waited 25000 ms (timeout) for 3 files" },
    });
  });

  test("is polled earlier where an answer says so", async () => {
    const { clock, add } = setUp();
    const sensor = new Probe(clock, () => notYet("a second more", { againInMs: 1000 }));
    add(sensor, { timeout: 2500 });
    await clock.pass(5000);
    expect(sensor.times).toEqual([0, 1000, 2000, 2500]);
  });

  test("goes on after a restart where it was: deadline and interval", async () => {
    const { clock, add } = setUp();
    const sensor = new Probe(clock, never);
    const options = { pollInterval: 1000, backoff: { factor: 2, maxInterval: 64_000 }, timeout: 20_000 };
    const waiting = add(sensor, options, { startedAt: clock.now() - 7000 });
    await clock.pass(60_000);
    expect(sensor.times).toEqual([0, 8000, 13_000]);
    expect(await waiting.ended).toHaveProperty("timedOut");
  });

  test("neither ends nor goes on for ever when the clock is set", async () => {
    const { clock, add } = setUp();
    const sensor = new Probe(clock, never);
    const waiting = add(sensor, { timeout: 30_000 });
    await clock.pass(5000);
    clock.jump(86_400_000);
    await clock.pass(10_000);
    expect(waiting.outcome).toBeUndefined();
    clock.jump(-2 * 86_400_000);
    await clock.pass(15_000);
    expect(sensor.times).toEqual([0, 10_000, 20_000, 30_000]);
    expect(await waiting.ended).toHaveProperty("timedOut");
    // One that is taken up again by a clock that is behind, or far ahead, is polled once at least, and waits no longer than its time.
    for (const [jump, ends] of [
      [-1e9, 30_000],
      [1e9, 0],
    ] as const) {
      const again = new Probe(clock, never);
      const start = clock.elapsed();
      add(again, { timeout: 30_000 }, { startedAt: clock.now() - jump, key: `jump ${jump}` });
      await clock.pass(100_000);
      expect((again.times.at(-1) ?? 0) - start).toBe(ends);
    }
  });
});

describe("faults", () => {
  const unavailable = new FlyteError("Unavailable", "the store is down");

  test("that may pass are asked again, sooner than the interval, and never end the wait", async () => {
    const { clock, add } = setUp();
    const sensor = new Probe(clock, () => {
      if (clock.elapsed() < 3_600_000) throw unavailable;
      return found({});
    });
    const waiting = add(sensor, { pollInterval: 30_000 });
    await clock.pass(10_000);
    expect(sensor.times).toEqual([0, 1000, 3000, 7000]);
    expect(waiting.message).toContain("the store is down");
    await clock.pass(3_600_000);
    expect(await waiting.ended).toEqual({ found: {} });
  });

  test("are the cause when the time is up", async () => {
    const { clock, add } = setUp();
    const waiting = add(new Probe(clock, () => Promise.reject(unavailable)), { timeout: 5000 });
    await clock.pass(5000);
    expect(await waiting.ended).toMatchObject({ timedOut: { code: "Timeout", cause: unavailable } });
  });

  test("that will never pass end it at once", async () => {
    const { clock, add } = setUp();
    const denied = new FlyteError("PermissionDenied", "no");
    const waiting = add(new Probe(clock, () => Promise.reject(denied)));
    await clock.pass(0);
    expect(await waiting.ended).toEqual({ failed: denied });
  });

  test("of nobody's making end it when they last, mistakes in the code at once", async () => {
    const { clock, add } = setUp();
    const strange = add(new Probe(clock, () => Promise.reject(new Error("odd"))), {}, { key: "strange" });
    const network = new TypeError("fetch failed", { cause: new Error("ECONNRESET") });
    const fetched = add(new Probe(clock, () => Promise.reject(network)), {}, { key: "fetch" });
    const mistake = add(
      new Probe(clock, () => Promise.reject(new TypeError("x is undefined"))),
      {},
      { key: "mistake" },
    );
    await clock.pass(299_000);
    expect([strange.outcome, fetched.outcome]).toEqual([undefined, undefined]);
    expect(mistake.outcome).toMatchObject({
      failed: { code: "TaskFailed", message: "task wait: TypeError: x is undefined" },
    });
    await clock.pass(20_000);
    expect(strange.outcome).toMatchObject({ failed: { code: "TaskFailed", message: "task wait: Error: odd" } });
  });

  test("a poll that hangs is given up, and asked again", async () => {
    const { clock, add } = setUp();
    const signals: AbortSignal[] = [];
    const sensor = new Probe(clock, (_, { signal }) => {
      signals.push(signal);
      return signals.length === 1 ? new Promise(() => {}) : found({});
    });
    const waiting = add(sensor, { pollTimeout: 5000 });
    await clock.pass(6000);
    expect(signals[0]?.aborted).toBe(true);
    expect(await waiting.ended).toEqual({ found: {} });
    expect(sensor.times).toEqual([0, 6000]);
  });

  test("a store that throttles is left alone by all that wait for it", async () => {
    const { clock, add } = setUp();
    const throttled = new FlyteError("Throttled", "slow down", { retryAfterMs: 8000 });
    let first = true;
    const sensor = new Probe(clock, () => {
      if (!first) return notYet("it");
      first = false;
      throw throttled;
    });
    add(sensor, { pollInterval: 60_000 }, { key: "a" });
    await clock.pass(100);
    add(sensor, { pollInterval: 60_000 }, { key: "b" });
    await clock.pass(20_000);
    expect(sensor.times).toEqual([0, 8000, 8001]);
  });
});

describe("many waits", () => {
  test("keep to the requests a second of their endpoint", async () => {
    const { clock, add } = setUp();
    const sensor = new Probe(clock, never, { requestsPerSecond: 5 });
    for (let n = 0; n < 20; n++) add(sensor, { pollInterval: 60_000 }, { key: `${n}` });
    await clock.pass(10_000);
    expect(sensor.times.filter((at) => at < 1000)).toHaveLength(9);
    for (let second = 1; second < 3; second++) {
      expect(sensor.times.filter((at) => at >= second * 1000 && at < (second + 1) * 1000)).toHaveLength(5);
    }
    expect(sensor.times).toHaveLength(20);
  });

  test("of one group are asked together, and none of them late", async () => {
    const { clock, add } = setUp();
    const sensor = new Probe(clock, never, { group: "folder" });
    for (let n = 0; n < 10; n++) {
      add(sensor, { pollInterval: 10_000 }, { key: `${n}` });
      await clock.pass(90);
    }
    sensor.polls.length = 0;
    await clock.pass(30_000);
    expect(sensor.polls.map(({ of }) => of.length)).toEqual([10, 10, 10]);
    expect(sensor.polls.every(({ at }, turn) => at <= (turn + 1) * 10_000 + 90)).toBe(true);
  });

  test("of one group each get their own answer", async () => {
    const { clock, add } = setUp();
    const sensor = new Probe(
      clock,
      ({ inputs: { key } }) => {
        if (key === "denied") throw new FlyteError("PermissionDenied", "no");
        return key === "there" ? found({}) : notYet("it");
      },
      { group: "folder" },
    );
    const [there, denied, missing] = ["there", "denied", "missing"].map((key) => add(sensor, {}, { key }));
    await clock.pass(0);
    expect(sensor.polls).toHaveLength(1);
    expect(there?.outcome).toEqual({ found: {} });
    expect(denied?.outcome).toHaveProperty("failed.code", "PermissionDenied");
    expect(missing?.outcome).toBeUndefined();
  });

  test("end when they are removed, with the poll that is under way", async () => {
    const { clock, scheduler, add } = setUp();
    let signal: AbortSignal | undefined;
    const sensor = new Probe(clock, (_, context) => {
      signal = context.signal;
      return new Promise(() => {});
    });
    add(sensor);
    add(sensor, {}, { key: "idle" });
    await clock.pass(0);
    scheduler.remove("key");
    scheduler.remove("idle");
    await clock.pass(100_000);
    expect(signal?.aborted).toBe(true);
    expect(sensor.times).toHaveLength(2);
    expect([scheduler.size, clock.sleeping]).toEqual([0, 0]);
  });

  test("that nobody asks for any more are given up, whether they have ended or not", async () => {
    const { clock, scheduler, add } = setUp();
    add(new Probe(clock, never), {}, { key: "waits", lease: 60_000 });
    add(new Probe(clock, () => found({})), {}, { key: "ended", lease: 60_000 });
    await clock.pass(50_000);
    expect([scheduler.get("waits")?.outcome, scheduler.get("ended")?.outcome]).toEqual([undefined, { found: {} }]);
    await clock.pass(50_000);
    expect(scheduler.size).toBe(2);
    await clock.pass(20_000);
    expect(scheduler.size).toBe(0);
    expect(clock.sleeping).toBe(0);
  });
});

test("a heap gives what is due first, whatever was put in, moved and taken out", () => {
  const step = fc.record({ item: fc.nat(20), due: fc.nat(1000), take: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const heap = new TimerHeap<{ due: number; place: number; id: number }>();
      const items = Array.from({ length: 21 }, (_, id) => ({ due: 0, place: -1, id }));
      const model = new Map<number, number>();
      for (const { item, due, take } of steps) {
        const chosen = items[item];
        if (chosen === undefined) continue;
        if (take) heap.remove(chosen);
        else heap.set(chosen, due);
        if (take) model.delete(item);
        else model.set(item, due);
        expect(heap.next?.due).toBe(model.size === 0 ? undefined : Math.min(...model.values()));
        expect(heap.size).toBe(model.size);
      }
      const out: number[] = [];
      for (let next = heap.next; next !== undefined; next = heap.next) {
        out.push(next.due);
        heap.remove(next);
      }
      expect(out).toEqual([...model.values()].sort((a, b) => a - b));
    }),
  );
});
