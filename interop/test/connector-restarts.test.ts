/** The connector service is killed under its jobs; `npm run soak` does the same with more of both. */
import { expect, test } from "vitest";
import { restarts } from "../soak/restarts.ts";
import { ServiceProcess } from "../soak/service-process.ts";
import { callPython } from "../src/python.ts";

test("40 jobs under way, 8 restarts: 40 jobs, and none left behind after aborts", async () => {
  const { created, jobs, ended } = await restarts({ tasks: 40, restarts: 8, port: 18_740 });
  expect(created).toBe(40);
  const count = (state: string) => jobs.filter((job) => job.state === state).length;
  const aborted = ended.filter((end) => end === "aborted").length;
  expect({ cancelled: count("cancelled"), done: count("done"), running: count("running") }).toEqual({
    cancelled: aborted,
    done: 40 - aborted,
    running: 0,
  });
  expect(aborted).toBe(10);
  expect(new Set(ended)).toEqual(new Set(["3", "aborted"]));
}, 300_000);

test("a planned restart fails no call of a client that calls without a pause", async () => {
  const service = await ServiceProcess.start(18_741, "http://127.0.0.1:1");
  try {
    const calling = callPython<{ calls: number; failed: string[] }>("connector_steady", { port: 18_741, seconds: 12 });
    let restarted = 0;
    let ended = false;
    calling.finally(() => {
      ended = true;
    });
    for (; !ended; restarted += 1) await service.restart();
    const { calls, failed } = await calling;
    expect(failed).toEqual([]);
    expect(calls).toBeGreaterThan(0);
    expect(restarted).toBeGreaterThan(2);
  } finally {
    await service.stop();
  }
});
