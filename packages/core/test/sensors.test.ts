import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BaseSensor,
  compile,
  FlyteContext,
  FlyteError,
  found,
  type Natives,
  notYet,
  type PollAnswer,
  type PollContext,
  type PollRequest,
  sensor,
  sensorTaskOf,
  t,
  task,
  workflow,
} from "@flyte-ts/core";
import {
  type CreateContext,
  definePlugin,
  type JobContext,
  LiteralMap,
  localTaskContext,
  PluginSet,
  type Sensor,
  type SensorConnector,
  type SensorMeta,
  type SensorTask,
  StorageCheckpoint,
  sensorEngine,
  silentLog,
  type TaskContext,
  type TaskTemplate,
} from "@flyte-ts/core/plugin";
import { createContext, jobContext, ManualClock } from "@flyte-ts/core/testing";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";

const settings = { project: "p", domain: "d", version: "v", module: "m.ts", image: "img:1" };
const text = (value: string) =>
  LiteralMap.fromJson({ literals: { key: { scalar: { primitive: { stringValue: value } } } } });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-ts-sensors-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("a sensor from a function", () => {
  test("waits until its poll gives a value, which the next task gets", async () => {
    let polls = 0;
    const rows = sensor({
      name: "sensors.rows",
      inputs: { table: t.string },
      output: t.int,
      poll: ({ table }) => (++polls < 3 ? undefined : table.length),
      pollInterval: 1,
    });
    expectTypeOf(rows).returns.resolves.toEqualTypeOf<number>();
    const double = task({ name: "sensors.double", inputs: { x: t.int }, output: t.int, run: ({ x }) => 2 * x });
    const flow = workflow({
      name: "sensors.flow",
      inputs: { table: t.string },
      build: ({ table }) => double({ x: rows({ table }) }),
    });
    expect(await flow({ table: "abc" })).toBe(6);
    expect(polls).toBe(3);
  });

  test("gives true for something that is there, or a record of what it found", async () => {
    const there = sensor({ name: "sensors.there", poll: () => true });
    expectTypeOf(there()).resolves.toEqualTypeOf<undefined>();
    expect(await there()).toBeUndefined();
    const both = sensor({ name: "sensors.both", outputs: { a: t.int, b: t.string }, poll: () => ({ a: 1, b: "x" }) });
    expect(await both()).toEqual({ a: 1, b: "x" });
  });

  test("fails when its time is up, with what it waited for; a soft one succeeds without its outputs", async () => {
    const wait = { timeout: 5, pollInterval: 1 };
    const hard = sensor({ name: "sensors.hard", output: t.string, poll: () => undefined, ...wait });
    await expect(hard()).rejects.toMatchObject({ code: "Timeout", kind: "user", recoverable: false });
    await expect(hard()).rejects.toThrow("task sensors.hard waited 5 ms (timeout) for what sensors.hard polls for");
    const soft = sensor({ name: "sensors.soft", output: t.string, poll: () => undefined, ...wait, softFail: true });
    expectTypeOf(soft()).resolves.toEqualTypeOf<string | null>();
    expect(await soft()).toBeNull();
    const shout = task({
      name: "sensors.shout",
      inputs: { x: t.optional(t.string) },
      output: t.string,
      run: ({ x }) => x ?? "nothing",
    });
    expect(await workflow({ name: "sensors.softly", build: () => shout({ x: soft() }) })()).toBe("nothing");
  });

  test("fails with what will never be, and with mistakes of its own", async () => {
    const denied = sensor({
      name: "sensors.denied",
      poll: () => {
        throw new FlyteError("PermissionDenied", "not for you");
      },
    });
    await expect(denied()).rejects.toMatchObject({ code: "PermissionDenied", message: "not for you" });
    const forgets = sensor({ name: "sensors.forgets", poll: () => undefined as never });
    await expect(forgets()).rejects.toThrow("poll of sensors.forgets gave undefined; it must be true or false");
  });

  test.each([
    [{ pollInterval: 0 }, "task s: pollInterval is 0; it must be a number of milliseconds, 1 or more"],
    [{ backoff: 0.5 }, "task s: backoff.factor is 0.5; it must be a number, 1 or more"],
    [{ backoff: { factor: 2, maxInterval: 5 } }, "task s: backoff.maxInterval is 5; it must not be below the interval"],
    [{ jitter: 2 }, "task s: jitter is 2; it must be a number from 0 to 1"],
    [{ timeout: Number.POSITIVE_INFINITY }, "task s: timeout is Infinity"],
    [{ softFail: "yes" as never }, 'task s: softFail is "yes"; it must be true or false'],
    [{ poll: 1 as never }, "task s: poll is 1; it must be a function"],
    [{ servedBy: plugin(), image: "x" }, "task s: image says something of a container; a task with servedBy has none"],
  ])("is refused when it says %o", (options, message) => {
    expect(() => sensor({ name: "s", poll: () => true, ...options })).toThrow(message);
  });

  test("is registered with a type of its own for each form, and leaves the deadline to nobody else", async () => {
    const options = { name: "sensors.form", poll: () => true, pollInterval: 2000, backoff: 2, timeout: 60_000 };
    const wait = {
      pollIntervalMs: 2000,
      backoffFactor: 2,
      maxIntervalMs: 20_000,
      jitter: 0.1,
      timeoutMs: 60_000,
      pollTimeoutMs: 60_000,
      softFail: false,
    };
    const custom = { sensor: "sensors.form", wait, config: {} };
    const pod = (await compile(sensor(options), settings)).tasks[0]?.template;
    expect(pod).toMatchObject({ type: "flyte-ts-sensor-pod", custom, target: { case: "container" } });
    expect(pod?.metadata?.timeout).toBeUndefined();
    expect(pod?.target.case === "container" && pod.target.value.args.slice(-1)).toEqual(["sensors.form"]);
    const served = (await compile(sensor({ ...options, servedBy: plugin() }), settings)).tasks[0]?.template;
    expect(served).toMatchObject({ type: "flyte-ts-sensor", custom });
    expect(served?.target.case).toBeUndefined();
  });
});

/** Waits for a key in a table that tests fill. */
class KeySensor extends BaseSensor<
  { readonly key: typeof t.string },
  { readonly value: typeof t.string },
  { readonly prefix?: string }
> {
  readonly name = "key";
  readonly inputs = { key: t.string };
  readonly outputs = { value: t.string };
  readonly table = new Map<string, string>();
  polls = 0;

  override readConfig(config: object): { readonly prefix?: string } {
    const { prefix } = config as { prefix?: unknown };
    if (prefix === undefined) return {};
    if (typeof prefix === "string") return { prefix };
    throw new FlyteError("InvalidDefinition", "config.prefix must be a string");
  }
  async poll(
    {
      inputs: { key },
      config: { prefix = "" },
    }: PollRequest<Natives<KeySensor["inputs"]>, { readonly prefix?: string }>,
    _context: PollContext,
  ): Promise<PollAnswer<{ readonly value: string }>> {
    this.polls++;
    const value = this.table.get(prefix + key);
    return value === undefined ? notYet(`the key ${prefix}${key}`) : found({ value });
  }
}

function plugin(sensors: Readonly<Record<string, () => Promise<Sensor>>> = {}) {
  const manifest = definePlugin({ specVersion: 1, name: "@acme/keys", version: "1.0.0", provides: { sensors } });
  return {
    package: { name: "@acme/keys", version: "1.0.0" },
    manifest: async () => ({ default: manifest }),
    own: manifest,
  };
}

describe("a sensor in a container", () => {
  const clock = new ManualClock();
  const context = new FlyteContext({ clock, log: silentLog });

  function waiting(keys: KeySensor) {
    const options = { name: "sensors.key", config: { prefix: "a/" }, timeout: 60_000, jitter: 0 };
    return sensorTaskOf(keys, options) as SensorTask<KeySensor["inputs"], KeySensor["outputs"], { value: string }>;
  }

  test("waits with a class, and its configuration", async () => {
    const keys = new KeySensor();
    await using place = await localTaskContext({ task: "sensors.key", context });
    const run = waiting(keys).dispatchExecute(place, text("x"));
    await clock.pass(15_000);
    keys.table.set("a/x", "there");
    await clock.pass(5000);
    expect(LiteralMap.toJson(await run)).toMatchObject({
      literals: { value: { scalar: { primitive: { stringValue: "there" } } } },
    });
    expect(keys.polls).toBe(3);
    expect(() => sensorTaskOf(keys, { name: "s", config: { prefix: 1 } })).toThrow("config.prefix must be a string");
  });

  test("ends at once when it is aborted, and polls no more", async () => {
    const keys = new KeySensor();
    const abort = new AbortController();
    await using place = await localTaskContext({ task: "sensors.key", context, signal: abort.signal });
    const run = waiting(keys).dispatchExecute(place, text("x"));
    await clock.pass(1000);
    const reason = new FlyteError("Cancelled", "stop");
    abort.abort(reason);
    await expect(run).rejects.toBe(reason);
    await clock.pass(60_000);
    expect(keys.polls).toBe(1);
    expect(clock.sleeping).toBe(0);
  });

  test("keeps to its time when its container is lost, and another goes on", async () => {
    const keys = new KeySensor();
    await using place = await localTaskContext({ task: "sensors.key", context, directory: folder });
    const { storage } = context;
    const attempt = (number: number, signal?: AbortSignal): TaskContext => ({
      ...place,
      signal: signal ?? place.signal,
      workingDirectory: folder,
      rawOutputPrefix: folder,
      execution: { ...place.execution, project: "p", attempt: number },
      checkpoint: new StorageCheckpoint({
        storage,
        destination: join(folder, `${number}`),
        previous: number === 0 ? undefined : join(folder, `${number - 1}`),
        workingDirectory: () => folder,
      }),
    });
    const lost = new AbortController();
    const first = waiting(keys).dispatchExecute(attempt(0, lost.signal), text("x"));
    await pollsOf(keys, 1);
    await clock.pass(25_000);
    lost.abort(new FlyteError("Cancelled", "the node is gone"));
    await expect(first).rejects.toThrow("the node is gone");
    await clock.pass(20_000);
    const before = keys.polls;
    const second = waiting(keys).dispatchExecute(attempt(1), text("x"));
    second.catch(() => {});
    await pollsOf(keys, before + 1);
    await clock.pass(15_000);
    await expect(second).rejects.toMatchObject({ code: "Timeout" });
    expect(keys.polls).toBe(before + 3);
  });
});

/** Resolves when a sensor has been polled so often; what comes before is the file system's, not the clock's. */
async function pollsOf(keys: KeySensor, polls: number): Promise<void> {
  for (let turn = 0; keys.polls < polls && turn < 100_000; turn++)
    await new Promise((resolve) => setImmediate(resolve));
  expect(keys.polls).toBe(polls);
}

describe("the sensor engine", () => {
  function setUp(keys: KeySensor, clock = new ManualClock()) {
    const served = plugin({ key: async () => keys });
    const engine = (): SensorConnector => sensorEngine(new PluginSet([served.own]));
    const create = (
      key = "x",
      options: object = {},
      change: (template: TaskTemplate) => TaskTemplate = (template) => template,
    ): CreateContext => {
      const own = sensorTaskOf(keys, { name: "sensors.key", jitter: 0, ...options, servedBy: served });
      const outputPrefix = `/tmp/none/${key}`;
      return createContext(change(own.template(settings)), { inputs: text(key), outputPrefix, clock });
    };
    const job = (created: CreateContext, meta: SensorMeta): JobContext<SensorMeta> =>
      jobContext({ ...created, clock }, JSON.parse(JSON.stringify(meta)));
    return { clock, engine, create, job };
  }

  test("finds a sensor by its name in the manifests, and polls on its own", async () => {
    const keys = new KeySensor();
    const { clock, engine, create, job } = setUp(keys);
    const connector = engine();
    const created = create("x", { config: { prefix: "a/" } });
    const meta = await connector.create(created);
    expect(JSON.stringify(meta).length).toBeLessThan(500);
    expect((await connector.meta.schema["~standard"].validate(meta)).issues).toBeUndefined();
    expect(await connector.get(job(created, meta))).toEqual({ phase: "RUNNING", message: "waits for the key a/x" });
    await clock.pass(10_000);
    expect(keys.polls).toBe(2);
    keys.table.set("a/x", "there");
    await clock.pass(10_000);
    const { phase, outputs } = await connector.get(job(created, meta));
    expect(phase).toBe("SUCCEEDED");
    expect(LiteralMap.toJson(outputs as LiteralMap)).toMatchObject({
      literals: { value: { scalar: { primitive: { stringValue: "there" } } } },
    });
  });

  test("answers with what is there already at the first question", async () => {
    const keys = new KeySensor();
    keys.table.set("x", "there");
    const { engine, create, job } = setUp(keys);
    const connector = engine();
    const created = create();
    expect(await connector.get(job(created, await connector.create(created)))).toMatchObject({ phase: "SUCCEEDED" });
  });

  test("waits once for a task that is created twice, and no more for one that is deleted", async () => {
    const keys = new KeySensor();
    const { clock, engine, create, job } = setUp(keys);
    const connector = engine();
    const created = create();
    const meta = await connector.create(created);
    await clock.pass(5000);
    expect(await connector.create(created)).toEqual(meta);
    await clock.pass(5000);
    expect(keys.polls).toBe(2);
    await connector.delete(job(created, meta));
    await connector.delete(job(created, meta));
    await clock.pass(60_000);
    expect(keys.polls).toBe(2);
  });

  test("goes on after a restart from the meta alone, and keeps to the deadline", async () => {
    const keys = new KeySensor();
    const first = setUp(keys);
    const created = first.create("x", { timeout: 30_000 });
    const meta = await first.engine().create(created);
    const { clock, engine, job } = setUp(keys, new ManualClock(first.clock.now() + 20_000));
    const connector = engine();
    expect(await connector.get(job(created, meta))).toMatchObject({ phase: "RUNNING" });
    await clock.pass(10_000);
    expect(await connector.get(job(created, meta))).toEqual({
      phase: "FAILED",
      message: "task sensors.key waited 30000 ms (timeout) for the key x",
    });
  });

  test("succeeds without outputs when a soft one's time is up", async () => {
    const { clock, engine, create, job } = setUp(new KeySensor());
    const connector = engine();
    const created = create("x", { timeout: 30_000, softFail: true });
    const meta = await connector.create(created);
    await clock.pass(30_000);
    const { phase, outputs } = await connector.get(job(created, meta));
    expect(phase).toBe("SUCCEEDED");
    const { literals } = outputs as LiteralMap;
    expect(await t.optional(t.string).toNative(literals.value as never, {} as never)).toBeNull();
  });

  test("refuses what it does not know, and inputs that are too big to be kept", async () => {
    const { engine, create } = setUp(new KeySensor());
    const named = (sensorName: string) =>
      create("x", {}, (template) => ({ ...template, custom: { ...template.custom, sensor: sensorName } }));
    await expect(engine().create(named("kex"))).rejects.toThrow(
      'no plugin here has a sensor "kex"; did you mean "key"?; present are "key"',
    );
    await expect(engine().create(named("./evil.ts"))).rejects.toMatchObject({ code: "NotFound" });
    await expect(engine().create(create("x".repeat(9000)))).rejects.toMatchObject({ code: "TooLarge" });
    const slow = create("x", {}, (template) => ({
      ...template,
      custom: { sensor: "key", wait: { pollIntervalMs: "1" } },
    }));
    await expect(engine().create(slow)).rejects.toThrow('custom.wait.pollIntervalMs is "1"');
    const two = [
      plugin({ key: async () => new KeySensor() }).own,
      { ...plugin({ key: async () => new KeySensor() }).own, name: "other" },
    ];
    expect(() => sensorEngine(new PluginSet(two))).toThrow('the plugins @acme/keys and other both have a sensor "key"');
  });
});
