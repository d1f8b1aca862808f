import { compile, FlyteContext, type SerializationSettings, t, task, workflow } from "@flyte-ts/core";
import { afterEach, expect, test, vi } from "vitest";

const settings: SerializationSettings = { project: "p", domain: "d", version: "v", module: "m.ts", image: "i:1" };
const text = task({ name: "text", inputs: { x: t.string }, output: t.string, run: ({ x }) => x });

/** A workflow of so many nodes, each with a constant of so many characters. */
const flow = (nodes: number, characters = 1) =>
  workflow({
    name: "flow",
    build: () => {
      for (let at = 0; at < nodes; at += 1) text({ x: "x".repeat(characters) });
    },
  });

const warn = vi.spyOn(FlyteContext.default().log, "warn").mockImplementation(() => {});
afterEach(() => {
  warn.mockClear();
});
const warnings = (): string[] => warn.mock.calls.map(([message]) => message);

test("a workflow that a stock Flyte takes goes without a word", async () => {
  await compile(flow(100), settings);
  expect(warnings()).toEqual([]);
});

test("more nodes than a stock Flyte takes are warned of", async () => {
  const { workflows } = await compile(flow(101), settings);
  expect(workflows).toHaveLength(1);
  expect(warnings()).toEqual([
    expect.stringMatching(/^workflow flow has 101 nodes, and a stock Flyte takes 100: raise registration\.maxWorkflow/),
  ]);
});

test("more than etcd keeps of one object is warned of", async () => {
  await compile(flow(2, 800_000), settings);
  expect(warnings()).toEqual([expect.stringMatching(/^workflow flow takes about 1\.6 MB when it runs, and etcd/)]);
});

test("more than a cluster reads of one object is refused, and a cluster may read more", async () => {
  await expect(compile(flow(3, 2 ** 20), settings)).rejects.toThrow(
    /^workflow flow has 3\.0 MiB, and the cluster reads no object above 2 \(storage\.limits\.maxDownloadMBs\)/,
  );
  expect((await compile(flow(3, 2 ** 20), { ...settings, maxDownloadMBs: 10 })).workflows).toHaveLength(1);
});

test("a workflow counts with the tasks that it brings along", async () => {
  const docs = { text: "x".repeat(1.2 * 2 ** 20) };
  const large = (name: string) => task({ name, docs, run: () => {} });
  const [one, other] = [large("one"), large("other")];
  const both = workflow({
    name: "both",
    build: () => {
      one();
      other();
    },
  });
  await expect(compile(both, settings)).rejects.toThrow(/^workflow both has 2\.4 MiB/);
  const huge = task({ name: "huge", docs: { text: "x".repeat(2.5 * 2 ** 20) }, run: () => {} });
  await expect(compile(huge, settings)).rejects.toThrow(/^task huge has 2\.5 MiB/);
});
