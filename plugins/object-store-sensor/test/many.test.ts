import { FlyteContext, FlyteError } from "@flyte-ts/core";
import { PollScheduler, silentLog, waitOf } from "@flyte-ts/core/plugin";
import { ManualClock } from "@flyte-ts/core/testing";
import { describe, expect, test } from "vitest";
import type { ObjectStoreConditions } from "../src/index.ts";
import { PathSensor, PathsSensor } from "../src/sensor.ts";
import { ProbeStore } from "./probe-store.ts";

/** Many tasks that wait in one process. */
function setUp() {
  const clock = new ManualClock();
  const store = new ProbeStore(clock);
  const scheduler = new PollScheduler(clock, () => 0);
  const { storage, datasets, types } = new FlyteContext();
  storage.register("probe", async () => store);
  const secrets = { get: () => Promise.reject(new Error("no secrets here")) };
  const surroundings = { clock, log: silentLog, storage, datasets, types, secrets };
  let tasks = 0;
  const wait = (paths: string | readonly string[], config: ObjectStoreConditions = {}) =>
    scheduler.add(`${tasks++}`, {
      task: "wait",
      sensor: typeof paths === "string" ? new PathSensor() : new PathsSensor(),
      request: {
        inputs: typeof paths === "string" ? { path: paths } : { paths },
        config,
        startedAt: clock.now(),
        memory: undefined,
      },
      wait: waitOf("wait", { pollInterval: 30_000, jitter: 0 }),
      surroundings,
    });
  return { clock, store, wait };
}

const folder = "probe://bucket/in/";

describe("tasks that wait in one process", () => {
  test("for files of one folder are answered by one list", async () => {
    const { clock, store, wait } = setUp();
    const waits = Array.from({ length: 100 }, (_, n) => wait(`${folder}part-${n}.csv`));
    await clock.pass(0);
    expect(store.requests).toEqual([`list ${folder}part-`]);
    store.put(`${folder}part-7.csv`);
    await clock.pass(30_000);
    expect(store.requests).toHaveLength(2);
    expect(waits.filter(({ outcome }) => outcome !== undefined)).toHaveLength(1);
    expect(waits[7]?.outcome).toEqual({ found: { path: `${folder}part-7.csv` } });
  });

  test("for files of many folders are answered by one list as well, as long as little else is there", async () => {
    const { clock, store, wait } = setUp();
    const waits = Array.from({ length: 100 }, (_, n) => wait(`probe://bucket/job-${n}/_SUCCESS`));
    for (let n = 0; n < 100; n++) store.put(`probe://bucket/job-${n}/part`);
    await clock.pass(0);
    expect(store.requests).toEqual(["list probe://bucket/job-"]);
    store.put("probe://bucket/job-7/_SUCCESS");
    await clock.pass(30_000);
    expect(store.requests).toHaveLength(2);
    expect(waits[7]?.outcome).toEqual({ found: { path: "probe://bucket/job-7/_SUCCESS" } });
  });

  test("for several files each are answered by one list as well, where these are of one store", async () => {
    const { clock, store, wait } = setUp();
    const pair = (n: number) => [`${folder}part-${n}.csv`, `${folder}part-${n}.json`];
    const all = Array.from({ length: 50 }, (_, n) => wait(pair(n), { paths: "all" }));
    const any = Array.from({ length: 50 }, (_, n) => wait(pair(n), { paths: "any" }));
    await clock.pass(0);
    expect(store.requests).toEqual([`list ${folder}part-`]);
    store.put(`${folder}part-7.csv`);
    await clock.pass(30_000);
    expect(store.requests).toHaveLength(2);
    expect([...all, ...any].filter(({ outcome }) => outcome !== undefined)).toHaveLength(1);
    expect(any[7]?.outcome).toEqual({ found: { paths: [`${folder}part-7.csv`] } });
    store.put(`${folder}part-7.json`);
    await clock.pass(30_000);
    expect(all[7]?.outcome).toEqual({ found: { paths: pair(7) } });
  });

  test("go from one list of the store to one of each folder, where too much else is there", async () => {
    const { clock, store, wait } = setUp();
    for (let n = 0; n < 3000; n++) store.put(`probe://bucket/other-${n}`);
    const names = ["a/1", "a/2", "a/3", "a/4", "z/1", "z/2", "z/3", "z/4"];
    const waits = names.map((name) => wait(`probe://bucket/${name}`));
    store.put("probe://bucket/z/3");
    await clock.pass(0);
    const lists = ["list probe://bucket/a/", "list probe://bucket/z/"];
    expect(store.requests).toEqual(["list probe://bucket/", ...lists]);
    expect(waits[6]?.outcome).toEqual({ found: { path: "probe://bucket/z/3" } });
    await clock.pass(30_000);
    expect(store.requests.slice(3).sort()).toEqual([
      lists[0],
      "stat probe://bucket/z/1",
      "stat probe://bucket/z/2",
      "stat probe://bucket/z/4",
    ]);
  });

  test("for the same file, prefix or pattern ask once for all", async () => {
    const { clock, store, wait } = setUp();
    for (let n = 0; n < 50; n++) {
      wait(`${folder}x.csv`);
      wait(`${folder}sub/`);
      wait(`${folder}*.json`, { match: "glob" });
    }
    await clock.pass(0);
    expect(store.requests.sort()).toEqual([`list ${folder}`, `list ${folder}sub/`, `stat ${folder}x.csv`]);
  });

  test("for few files of a folder ask for each of them", async () => {
    const { clock, store, wait } = setUp();
    for (const name of ["a", "b", "c"]) wait(folder + name);
    wait([`${folder}d`, "probe://other/e"], { paths: "all" });
    await clock.pass(0);
    expect(store.requests.sort()).toEqual([
      "stat probe://bucket/in/a",
      "stat probe://bucket/in/b",
      "stat probe://bucket/in/c",
      "stat probe://bucket/in/d",
      "stat probe://other/e",
    ]);
  });

  test("do not list a folder that is full of other files, and remember that", async () => {
    const { clock, store, wait } = setUp();
    for (let n = 0; n < 2000; n++) store.put(`${folder}other-${n}`);
    const waits = ["a", "b", "c", "zz"].map((name) => wait(folder + name));
    store.put(`${folder}zz`);
    await clock.pass(0);
    expect(waits[3]?.outcome).toEqual({ found: { path: `${folder}zz` } });
    // The widest list, and that of the folder; from then on none.
    expect(store.requests.filter((request) => request.startsWith("list"))).toHaveLength(2);
    store.put(`${folder}b`);
    wait(`${folder}d`);
    await clock.pass(30_000);
    expect(waits[1]?.outcome).toEqual({ found: { path: `${folder}b` } });
    expect(store.requests.filter((request) => request.startsWith("list"))).toHaveLength(2);
  });

  test("ask for each file where the store may not be listed", async () => {
    const { clock, store, wait } = setUp();
    store.fault = (request) => (request.startsWith("list") ? new FlyteError("PermissionDenied", "403") : undefined);
    const waits = ["a", "b", "c", "d"].map((name) => wait(folder + name));
    store.put(`${folder}c`);
    await clock.pass(0);
    expect(waits.map(({ outcome }) => outcome !== undefined)).toEqual([false, false, true, false]);
  });

  test("are not failed by what one of them is refused", async () => {
    const { clock, store, wait } = setUp();
    store.fault = (request) => (request === `stat ${folder}b` ? new FlyteError("PermissionDenied", "403") : undefined);
    const waits = ["a", "b"].map((name) => wait(folder + name));
    await clock.pass(0);
    expect(waits[0]?.outcome).toBeUndefined();
    expect(waits[1]?.outcome).toMatchObject({ failed: { code: "PermissionDenied" } });
  });
});
