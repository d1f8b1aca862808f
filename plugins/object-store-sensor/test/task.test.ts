import { execFileSync } from "node:child_process";
import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile, FlyteContext, FlyteError, t, task, workflow } from "@flyte-ts/core";
import { localTaskContext, runWorkflowHere } from "@flyte-ts/core/plugin";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import {
  ObjectStoreSensor,
  ObjectStoreSensorByConnector,
  WaitForObjectStoreFile,
  waitForObjectStoreFile,
} from "../src/index.ts";
import manifest from "../src/plugin.ts";
import { inputsOf } from "./probe-store.ts";

const settings = { project: "p", domain: "d", version: "v", module: "m.ts", image: "img:1" };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-ts-sensor-"));
});
afterAll(() => rm(folder, { recursive: true }));

const printFile = task({
  name: "print-file",
  inputs: { path: t.string },
  output: t.string,
  run: ({ path }) => `got ${path}`,
});

describe("a task", () => {
  test("is a class whose instance is wired into a workflow", async () => {
    const sensor = new WaitForObjectStoreFile({ name: "my-objectstore-sensor", retries: 10, pollInterval: 1000 });
    const flow = workflow({
      name: "my-workflow",
      inputs: { path: t.string },
      build: ({ path }) => printFile({ path: sensor({ path }).path }),
    });
    const path = join(folder, "some-file");
    await writeFile(path, "Hello World!");
    expect(await flow({ path })).toBe(`got ${path}`);
  });

  test("has the types of what it waits for", () => {
    const one = waitForObjectStoreFile({ name: "one" });
    expectTypeOf(one).returns.resolves.toEqualTypeOf<{ path: string }>();
    const soft = waitForObjectStoreFile({ name: "soft", softFail: true });
    expectTypeOf(soft).returns.resolves.toEqualTypeOf<{ path: string | null }>();
    const several = waitForObjectStoreFile({ name: "several", paths: "any", runsIn: "connector" });
    expectTypeOf(several).returns.resolves.toEqualTypeOf<{ paths: string[] }>();
    const wrong = () => {
      // @ts-expect-error a list is no path
      one({ path: ["a"] });
      // @ts-expect-error a connector's task has no container
      waitForObjectStoreFile({ name: "x", runsIn: "connector", image: "y" });
      // @ts-expect-error what may be missing cannot be used as if it were there
      workflow({ name: "w", build: () => printFile({ path: soft({ path: "x" }).path }) });
    };
    expect(wrong).toBeTypeOf("function");
  });

  test("that times out softly hands on nothing", async () => {
    const soft = waitForObjectStoreFile({ name: "soft", softFail: true, timeout: 5, pollInterval: 2 });
    expect(await soft({ path: join(folder, "never") })).toEqual({ path: null });
  });
});

describe("the two forms", () => {
  const wait = { pollInterval: 5000, backoff: 2, timeout: 1_200_000, minSize: 1 } as const;
  const options = { name: "sensor", ...wait };
  const custom = {
    sensor: "object-store-path",
    config: { minSize: 1 },
    wait: { pollIntervalMs: 5000, backoffFactor: 2, maxIntervalMs: 50_000, timeoutMs: 1_200_000, softFail: false },
  };

  test("are two task types, routed by the name of the task or by the connector", async () => {
    const [pod] = (await compile(waitForObjectStoreFile({ ...options, retries: 10 }), settings)).tasks;
    expect(pod?.template).toMatchObject({
      type: "object-store-sensor",
      custom,
      metadata: { retries: { retries: 10 } },
      target: { case: "container", value: { image: "img:1" } },
    });
    expect(pod?.template?.metadata?.timeout).toBeUndefined();
    const { target } = pod?.template ?? {};
    expect(target?.case === "container" && target.value.args.slice(-5)).toEqual([
      "--",
      "module",
      "m.ts",
      "entity",
      "sensor",
    ]);
    const [served] = (await compile(waitForObjectStoreFile({ ...options, runsIn: "connector" }), settings)).tasks;
    expect(served?.template).toMatchObject({
      type: "object-store-sensor-connector",
      custom,
      target: { case: undefined },
    });
    expect(Object.keys(manifest.provides.connectors ?? {})).toEqual(["object-store-sensor-connector"]);
  });

  test.each([
    [new ObjectStoreSensor(wait), "object-store-sensor"],
    [new ObjectStoreSensorByConnector(wait), "object-store-sensor-connector"],
  ])("are what the class of a config says", async (config, type) => {
    const interfaceOf = { inputs: { path: t.string }, outputs: { path: t.string } };
    const sensor = task({ name: "configured", config, ...interfaceOf });
    const [compiled] = (await compile(sensor, settings)).tasks;
    expect(compiled?.template).toMatchObject({ type, custom });
    expect(compiled?.template?.interface?.outputs?.variables.path?.type?.type).toEqual({ case: "simple", value: 3 });
    const other = config instanceof ObjectStoreSensor ? ObjectStoreSensor : ObjectStoreSensorByConnector;
    const flow = workflow({
      name: "overridden",
      inputs: { path: t.string },
      build: ({ path }) => sensor({ path }).withOverrides({ taskConfig: new other({ minSize: 7 }) }),
    });
    expect((await compile(flow, settings)).tasks[0]?.template?.custom).toMatchObject({ config: { minSize: 7 } });
    for (const wait of [{ softFail: true }, { paths: "all" as const }]) {
      const another = task({ name: "another", config, ...interfaceOf });
      const otherwise = () =>
        workflow({
          name: "otherwise",
          inputs: { path: t.string },
          build: ({ path }) => another({ path }).withOverrides({ taskConfig: new other(wait) }),
        });
      expect(otherwise).toThrow("task another: the override waits with other inputs or outputs");
    }
    expect(() => task({ name: "wrong", config, inputs: { path: t.string }, output: t.string })).toThrow(
      "task wrong: its outputs are { o0: string }; a task with this config has { path: string }",
    );
  });

  test("wait in a workflow that runs here", async () => {
    for (const runsIn of ["container", "connector"] as const) {
      const wait = { name: `wait-${runsIn}`, pollInterval: 20 };
      const sensor =
        runsIn === "container" ? waitForObjectStoreFile(wait) : waitForObjectStoreFile({ ...wait, runsIn });
      const path = join(folder, `here-${runsIn}`);
      const write = task({ name: `write-${runsIn}`, run: () => writeFile(path, "x") });
      const flow = workflow({
        name: `flow-${runsIn}`,
        build: () => {
          const read = printFile({ path: sensor({ path }).path });
          write();
          return read;
        },
      });
      expect(await flow()).toBe(`got ${path}`);
    }
  });

  test("end when their run is aborted", async () => {
    for (const runsIn of ["container", "connector"] as const) {
      const abort = new AbortController();
      const wait = { name: `abort-${runsIn}`, pollInterval: 60_000 };
      const sensor =
        runsIn === "container" ? waitForObjectStoreFile(wait) : waitForObjectStoreFile({ ...wait, runsIn });
      await using place = await localTaskContext({ task: sensor.name, signal: abort.signal });
      const run = sensor.dispatchExecute(place, inputsOf(join(folder, "never")));
      const reason = new FlyteError("Cancelled", "stop");
      setImmediate(() => abort.abort(reason));
      await expect(run).rejects.toMatchObject({ code: "Cancelled" });
    }
  });
});

describe("local files", () => {
  // An hour to the next poll: what ends these waits is what the file system says.
  const slow = { pollInterval: 3_600_000, jitter: 0 };

  test.each(["container", "connector"] as const)(
    "are seen as soon as they land, whether their folder is there or not: %s",
    async (runsIn) => {
      const name = "lands";
      const sensor =
        runsIn === "container"
          ? waitForObjectStoreFile({ name, ...slow })
          : waitForObjectStoreFile({ name, ...slow, runsIn });
      const place = join(folder, `lands-${runsIn}`);
      const path = join(place, "deep/er/file.csv");
      const polled = firstPoll(path);
      const call = sensor({ path: polled.path });
      await polled.seen;
      await mkdir(join(place, "deep"), { recursive: true });
      await mkdir(join(place, "deep/er"));
      await writeFile(`${path}.part`, "x");
      await rename(`${path}.part`, path);
      expect(await call).toEqual({ path: polled.path });
    },
  );

  test("of a prefix or a pattern are seen below their folder", async () => {
    const place = join(folder, "many");
    const prefix = waitForObjectStoreFile({ name: "prefix", match: "prefix", atLeast: 2, ...slow });
    const pattern = waitForObjectStoreFile({ name: "pattern", match: "glob", ...slow });
    const polled = [firstPoll(`${place}/in/`), firstPoll(`${place}/in/**/*.csv`)] as const;
    const calls = [prefix({ path: polled[0].path }), pattern({ path: polled[1].path })];
    await Promise.all(polled.map(({ seen }) => seen));
    await mkdir(join(place, "in/sub"), { recursive: true });
    await writeFile(join(place, "in/a"), "");
    await writeFile(join(place, "in/sub/b.csv"), "");
    expect(await Promise.all(calls)).toEqual(polled.map(({ path }) => ({ path })));
  });

  test("that are half written are left until they stay as they are", async () => {
    const path = join(folder, "half");
    const sensor = waitForObjectStoreFile({ name: "half", stableFor: 300, minSize: 3, ...slow });
    const polled = firstPoll(path);
    const call = sensor({ path: polled.path });
    await polled.seen;
    for (const part of ["a", "b", "c"]) await appendFile(path, part);
    expect(await call).toEqual({ path: polled.path });
  });
});

/** A path, and a promise of the first look at it: the storage that stands before the real one says so. */
function firstPoll(path: string): { readonly path: string; readonly seen: Promise<void> } {
  const { storage } = FlyteContext.default();
  const { promise, resolve } = Promise.withResolvers<void>();
  const { stat, list } = storage;
  storage.stat = async (uri, options) => {
    const found = await stat.call(storage, uri, options);
    if (uri === path) resolve();
    return found;
  };
  storage.list = async function* (prefix, options) {
    yield* list.call(storage, prefix, options);
    if (path.startsWith(prefix)) resolve();
  };
  return { path, seen: promise };
}

test("importing the package loads neither the connector nor what polls", () => {
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    await import("@flyte-ts/object-store-sensor");
    console.log(JSON.stringify(loaded.filter((url) => /object-store-sensor\\/src\\/plugin|packages\\/storage\\//.test(url))));`;
  const args = [
    "--conditions=@flyte-ts/source",
    "--no-warnings",
    "--experimental-transform-types",
    "--input-type=module",
    "-e",
    script,
  ];
  expect(JSON.parse(execFileSync(process.execPath, args, { cwd: import.meta.dirname, encoding: "utf8" }))).toEqual([]);
});

test("a workflow with a sensor runs by the local engine's door as well", async () => {
  const path = join(folder, "door");
  await writeFile(path, "x");
  const sensor = waitForObjectStoreFile({ name: "door" });
  const flow = workflow({
    name: "door-flow",
    inputs: { path: t.string },
    build: ({ path: given }) => sensor({ path: given }).path,
  });
  expect(await runWorkflowHere(flow, { path })).toEqual({ o0: path });
});
