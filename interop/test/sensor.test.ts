/** Tasks that wait for files, in both forms, on a store of every scheme. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, LiteralMap, systemClock } from "@flyte-ts/core/plugin";
import type { ObjectStoreWait } from "@flyte-ts/object-store-sensor";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { settings } from "../src/module-task.ts";
import { inPod } from "../src/sensor-workflows.ts";
import { type SensorStore, sensorStores } from "../src/sensors/sensor-stores.ts";
import { byConnector, inContainer, inputsOf, pathIn, type Wait, type Waited } from "../src/sensors/sensor-waits.ts";
import { checkout, renderArguments } from "../src/task-files.ts";

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

  /** The case in both forms, one after the other, each with a file of its own. */
  const inBoth = (
    name: string,
    run: (
      begin: (path?: Waited["path"], options?: ObjectStoreWait, clock?: Clock) => Promise<Wait>,
      path: string,
    ) => Promise<void>,
  ) =>
    test(name, async () => {
      for (const form of [inContainer, byConnector]) {
        const file = `${store.newFolder()}file.csv`;
        await run(async (path = file, options = {}, clock = { ...systemClock }) => {
          const begun = await form({ store, path, options, clock });
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

  /** A clock that can be set; what it counts goes on. */
  function settable(ahead = 0) {
    const set = { ahead };
    return { set, clock: { ...systemClock, now: () => systemClock.now() + set.ahead } };
  }
  const day = 86_400_000;

  inBoth("one that lands while the clock is set", async (begin, file) => {
    const { set, clock } = settable();
    const { ended } = await begin(file, {}, clock);
    for (const ahead of [day, -day, 0]) {
      await asked();
      set.ahead = ahead;
    }
    await asked();
    await store.put(file, "x");
    expect(await ended).toBe(file);
  });

  inBoth("one that is too young, by the store's own time", async (begin, file) => {
    await store.put(file, "x");
    const { set, clock } = settable();
    const { ended } = await begin(file, { minAge: day / 2 }, clock);
    const early = ended.then(() => "too early");
    expect(await Promise.race([early, asked(3)])).toBeUndefined();
    set.ahead = day;
    expect(await ended).toBe(file);
  });

  inBoth("one that is too old, by the store's own time", async (begin, file) => {
    await store.put(file, "x");
    const { set, clock } = settable(day);
    const { ended } = await begin(file, { maxAge: day / 2 }, clock);
    const early = ended.then(() => "too early");
    expect(await Promise.race([early, asked(3)])).toBeUndefined();
    set.ahead = 0;
    expect(await ended).toBe(file);
  });

  inBoth("all of several, and any of them", async (begin, file) => {
    const files = [file, `${store.newFolder()}other.csv`, `${store.newFolder()}third.csv`];
    const all = await begin(files, { paths: "all" });
    const any = await begin(files, { paths: "any" });
    await asked(6);
    await store.put(files[1] ?? "", "x");
    expect(await any.ended).toBe(files[1]);
    const early = all.ended.then(() => "too early");
    expect(await Promise.race([early, asked(3)])).toBeUndefined();
    await store.put(files[0] ?? "", "x");
    await store.put(files[2] ?? "", "x");
    expect(await all.ended).toBe(files.join());
  });

  inBoth("one that never lands, softly", async (begin, file) => {
    expect(await (await begin(file, { timeout: 150, softFail: true })).ended).toBe("");
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
    const begun = paths.map((path) => inContainer({ store, path, options: { pollInterval: 700 }, clock }));
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
