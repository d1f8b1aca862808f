/** Tasks that wait for files, in both forms, on a store of every scheme. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlyteContext, FlyteError } from "@flyte-ts/core";
import {
  type Clock,
  ConnectorHost,
  ConnectorRegistry,
  LiteralMap,
  localTaskContext,
  silentLog,
  systemClock,
} from "@flyte-ts/core/plugin";
import { taskRequest } from "@flyte-ts/core/testing";
import { type ObjectStoreWait, waitForObjectStoreFile } from "@flyte-ts/object-store-sensor";
import manifest from "@flyte-ts/object-store-sensor/plugin";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { settings } from "../src/module-task.ts";
import { inPod } from "../src/sensor-workflows.ts";
import { type SensorStore, sensorStores } from "../src/sensors/sensor-stores.ts";
import { checkout, renderArguments } from "../src/task-files.ts";

/** A task that waits: how it ends, and how its process ends before. */
interface Wait {
  /** The output, or what it failed with. */
  readonly ended: Promise<string>;
  /** Its process ends, and another goes on. */
  restart(): Promise<Wait>;
  abort(): Promise<void>;
}

const wait = { pollInterval: 60, jitter: 0, timeout: 30_000 };
const inputsOf = (path: string) =>
  LiteralMap.fromJson({ literals: { path: { scalar: { primitive: { stringValue: path } } } } });
const pathIn = ({ literals }: LiteralMap): string => {
  const scalar = literals.path?.value.case === "scalar" ? literals.path.value.value.value : undefined;
  return scalar?.case === "primitive" ? String(scalar.value.value.value) : "";
};
/** Waits share their polls by clock: one of its own is a process of its own. */
const contextOf = ({ storage }: SensorStore, clock: Clock = { ...systemClock }) =>
  new FlyteContext({ storage, log: silentLog, clock });

function inContainer(
  store: SensorStore,
  path: string,
  options: ObjectStoreWait,
  kept?: Uint8Array,
  clock: Clock = { ...systemClock },
): Wait {
  const task = waitForObjectStoreFile({ name: "sensor", ...wait, ...options });
  const stop = new AbortController();
  let checkpoint = kept;
  const run = async (): Promise<string> => {
    const context = contextOf(store, clock);
    await using place = await localTaskContext({ task: task.name, context, signal: stop.signal });
    const repeated = {
      ...place,
      workingDirectory: "",
      rawOutputPrefix: "",
      execution: { ...place.execution, project: "p" },
      checkpoint: {
        ...place.checkpoint,
        read: async () => checkpoint,
        write: async (bytes: Uint8Array) => {
          checkpoint = bytes;
        },
      },
    };
    return pathIn(await task.dispatchExecute(repeated, inputsOf(path)));
  };
  const ended = run();
  ended.catch(() => {});
  const abort = async (): Promise<void> => {
    stop.abort(new FlyteError("Cancelled", "the test ends it"));
    await ended.catch(() => {});
  };
  return {
    ended,
    abort,
    restart: async () => {
      await abort();
      return inContainer(store, path, options, checkpoint);
    },
  };
}

async function byConnector(store: SensorStore, path: string, options: ObjectStoreWait): Promise<Wait> {
  const task = waitForObjectStoreFile({ name: "sensor", ...wait, ...options, runsIn: "connector" });
  const connector = await manifest.provides.connectors?.[task.taskType]?.();
  if (connector === undefined) throw new Error(`the plugin serves no ${task.taskType}`);
  const start = (): ConnectorHost => {
    const registry = new ConnectorRegistry();
    registry.register(task.taskType, connector);
    const { storage, types, datasets, clock } = contextOf(store);
    return new ConnectorHost({ registry, storage, types, datasets, clock, log: silentLog, limits: { cacheMs: 0 } });
  };
  const host = start();
  const request = taskRequest(task.template(settings), {
    inputs: inputsOf(path),
    outputPrefix: `/tmp/none/${crypto.randomUUID()}`,
  });
  const resourceMeta = await host.create(request);
  const job = { category: request.category, resourceMeta };
  const watched = (at: ConnectorHost): Wait => {
    let left = false;
    const ask = async (): Promise<string> => {
      for (;;) {
        const { phase, message, outputs } = await at.get(job);
        if (phase === "SUCCEEDED" && outputs !== undefined) return pathIn(outputs);
        if (phase === "FAILED" || left) throw new Error(message);
        if (phase === "RETRYABLE_FAILED") throw new Error(`may be tried again: ${message}`);
        await systemClock.sleep(20);
      }
    };
    const ended = ask();
    ended.catch(() => {});
    return {
      ended,
      abort: async () => {
        left = true;
        await at.delete(job);
      },
      restart: async () => {
        left = true;
        await at.delete(job);
        return watched(start());
      },
    };
  };
  return watched(host);
}

// All at once: most of the time of a start is its process's own.
const stores = Object.entries(sensorStores).map(([scheme, start]) => ({ scheme, started: start() }));
for (const { started } of stores) started.catch(() => {});
afterAll(() => Promise.allSettled(stores.map(async ({ started }) => (await started).stop())));

describe.each(stores)("files by $scheme:", ({ started }) => {
  let store: SensorStore;
  const waits: Wait[] = [];
  beforeAll(async () => {
    store = await started;
  });
  afterEach(async () => {
    await Promise.all(waits.splice(0).map((each) => each.abort()));
    await store.mend();
  });

  /** The case in both forms at once, each with a file of its own. */
  const inBoth = (
    name: string,
    run: (begin: (path?: string, options?: ObjectStoreWait) => Promise<Wait>, path: string) => Promise<void>,
  ) =>
    test(name, async () => {
      for (const form of [inContainer, byConnector]) {
        const file = `${store.newFolder()}file.csv`;
        await run(async (path = file, options = {}) => {
          const begun = await form(store, path, options);
          waits.push(begun);
          return begun;
        }, file);
      }
    });
  /** Resolves when the store has been asked some more. */
  const asked = async (times = 2): Promise<void> => {
    const before = await store.requests();
    while ((await store.requests()) < before + times) await systemClock.sleep(10);
  };

  inBoth("one that is there", async (begin, file) => {
    await store.put(file, "x");
    expect(await (await begin()).ended).toBe(file);
  });

  inBoth("one that lands while the task waits", async (begin, file) => {
    const { ended } = await begin();
    await asked();
    await store.put(file, "x");
    expect(await ended).toBe(file);
  });

  inBoth("one that never lands", async (begin, file) => {
    const { ended } = await begin(file, { timeout: 150 });
    await expect(ended).rejects.toThrow(`task sensor waited 150 ms (timeout) for the file ${file}`);
  });

  inBoth("one that is written bit by bit", async (begin, file) => {
    await store.put(file, "a");
    const { ended } = await begin(file, { stableFor: 400, minSize: 3 });
    for (const text of ["ab", "abc", "abcd"]) {
      await asked(1);
      await store.put(file, text);
    }
    const last = performance.now();
    expect(await ended).toBe(file);
    expect(performance.now() - last).toBeGreaterThan(350);
  });

  inBoth("one in a store that is down for a while", async (begin, file) => {
    const { ended } = await begin();
    await asked();
    await store.fail("down");
    await asked(3);
    await store.mend();
    await store.put(file, "x");
    expect(await ended).toBe(file);
  });

  inBoth("one that may not be looked at", async (begin, file) => {
    const { ended } = await begin();
    await asked(1);
    await store.fail("denied");
    await expect(ended).rejects.toThrow(`${file} may not be looked at`);
    await store.mend();
  });

  inBoth("one in a bucket that is not there", async (begin) => {
    if (store.noBucket === undefined) return;
    await expect((await begin(store.noBucket)).ended).rejects.toThrow(/none-of-this-name/);
  });

  inBoth("one that lands after the wait's process has ended", async (begin, file) => {
    const first = await begin();
    await asked();
    const again = await first.restart();
    waits.push(again);
    await asked(1);
    await store.put(file, "x");
    expect(await again.ended).toBe(file);
  });

  inBoth("some of a prefix, and of a pattern", async (begin, file) => {
    const folder = file.slice(0, file.lastIndexOf("/") + 1);
    if (!store.lists) {
      await expect((await begin(folder)).ended).rejects.toThrow();
      return;
    }
    const prefix = await begin(folder, { atLeast: 2 });
    const pattern = await begin(`${folder}**/*.csv`, { match: "glob" });
    await store.put(`${folder}a.txt`, "x");
    await store.put(`${folder}sub/b.csv`, "x");
    expect(await Promise.all([prefix.ended, pattern.ended])).toEqual([folder, `${folder}**/*.csv`]);
  });

  test("many in one folder, which one process asks for by few requests", async () => {
    const folder = store.newFolder();
    const clock = { ...systemClock };
    const paths = Array.from({ length: 40 }, (_, n) => `${folder}part-${n}`);
    const begun = paths.map((path) => inContainer(store, path, { pollInterval: 700 }, undefined, clock));
    waits.push(...begun);
    await asked(1);
    const requests = await store.requests();
    for (const path of paths) await store.put(path, "x");
    expect(await Promise.all(begun.map(({ ended }) => ended))).toEqual(paths);
    // The file system is asked for each, and says itself what has changed; web servers have no folders.
    if (store.lists && !folder.startsWith("file:")) expect(requests).toBeLessThan(paths.length / 2);
  });
});

test("a container that is killed while it waits is repeated, and keeps to the time of the first", async () => {
  const folder = await mkdtemp(join(tmpdir(), "flyte-ts-killed-"));
  const store = await sensorStores.http();
  try {
    const file = `${store.newFolder()}file.csv`;
    const module = join(checkout, "interop/src/sensor-workflows.ts");
    const { target } = inPod.template({ ...settings, module });
    const args = target.case === "container" ? target.value.args : [];
    const inputs = join(folder, "inputs.pb");
    await writeFile(inputs, LiteralMap.encode(inputsOf(file)));
    const start = (attempt: number) => {
      const outputPrefix = join(folder, `${attempt}`);
      const rendered = renderArguments(args, { template: "", inputs, outputPrefix });
      const previous = rendered.indexOf("--prev-checkpoint") + 1;
      if (attempt > 0) rendered[previous] = join(folder, `${attempt - 1}`, "checkpoint");
      const program = join(checkout, "node_modules/.bin/flyte-ts-execute");
      const env = { ...process.env, FLYTE_INTERNAL_EXECUTION_PROJECT: "p" };
      const child = spawn(program, rendered.slice(1), { env, cwd: folder, stdio: ["ignore", "inherit", "inherit"] });
      return { child, closed: once(child, "close") as Promise<[number | null, string | null]>, outputPrefix };
    };
    const asked = async (times: number): Promise<void> => {
      while ((await store.requests()) < times) await systemClock.sleep(20);
    };
    const first = start(0);
    await asked(2);
    first.child.kill("SIGKILL");
    expect(await first.closed).toEqual([null, "SIGKILL"]);
    await store.mend();
    const second = start(1);
    await asked(1);
    await store.put(file, "x");
    expect(await second.closed).toEqual([0, null]);
    expect(pathIn(LiteralMap.decode(await readFile(join(second.outputPrefix, "outputs.pb"))))).toBe(file);
    const [noted, again] = await Promise.all(
      [first, second].map(({ outputPrefix }) => readFile(join(outputPrefix, "checkpoint/_dst_cp"), "utf8")),
    );
    expect(again).toBe(noted);
  } finally {
    await store.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
