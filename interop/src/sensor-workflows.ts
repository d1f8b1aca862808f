/** Workflows that wait for files and for what files say, in both forms: what the end-to-end tests run on a real Flyte. */
import { sensor, sensorTaskOf, t, task, workflow } from "@flyte-ts/core";
import { WaitForObjectStoreFile, waitForObjectStoreFile } from "@flyte-ts/object-store-sensor";
import { ExportSensor } from "./export-plugin/export-sensor.ts";

const opened = task({ name: "interop.open", inputs: { path: t.string }, output: t.file(), run: ({ path }) => path });
const read = task({
  name: "interop.read",
  inputs: { file: t.file() },
  output: t.string,
  run: ({ file }) => file.text(),
});
const wait = { pollInterval: 300, timeout: 120_000 };

export const inPod = new WaitForObjectStoreFile({ name: "interop.wait-in-pod", ...wait });
const inService = waitForObjectStoreFile({ name: "interop.wait-in-service", ...wait, runsIn: "connector" });
export const impatient = new WaitForObjectStoreFile({ name: "interop.impatient-in-pod", ...wait, timeout: 2000 });
const impatientInService = waitForObjectStoreFile({
  name: "interop.impatient-in-service",
  ...wait,
  timeout: 2000,
  runsIn: "connector",
});

/** Waits for a file in a pod, then reads it. */
export const podWaits = workflow({
  name: "interop.pod-waits",
  inputs: { path: t.string },
  build: ({ path }) => read({ file: opened({ path: inPod({ path }).path }) }),
});

/** The same, without a pod that waits. */
export const serviceWaits = workflow({
  name: "interop.service-waits",
  inputs: { path: t.string },
  build: ({ path }) => read({ file: opened({ path: inService({ path }).path }) }),
});

/** Waits for two seconds, in a pod. */
export const podGivesUp = workflow({
  name: "interop.pod-gives-up",
  inputs: { path: t.string },
  build: ({ path }) => impatient({ path }),
});

/** Waits for two seconds, without a pod. */
export const serviceGivesUp = workflow({
  name: "interop.service-gives-up",
  inputs: { path: t.string },
  build: ({ path }) => impatientInService({ path }),
});

/** A sensor of a plugin's own, which the sensor engine finds by its name; what it finds are its outputs. */
const exported = sensorTaskOf(new ExportSensor(), {
  name: "interop.exported",
  ...wait,
  config: { leastRows: 2 },
  servedBy: {
    package: { name: "@flyte-ts/export-plugin", version: "0.0.0" },
    manifest: () => import("./export-plugin/plugin.ts"),
  },
});
/** The same file, waited for by a function in a pod. */
export const exportedState = sensor({
  name: "interop.exported-state",
  inputs: { status: t.string },
  output: t.string,
  ...wait,
  poll: async ({ status }, { storage, signal }) => {
    if ((await storage.stat(status, { signal })) === undefined) return undefined;
    const { state } = JSON.parse(new TextDecoder().decode(await storage.readBytes(status, { signal })));
    return state === "running" ? undefined : state;
  },
});
const summarised = task({
  name: "interop.summarised",
  inputs: { rows: t.int, files: t.list(t.string), state: t.string },
  output: t.string,
  run: ({ rows, files, state }) => `${state}: ${rows} rows in ${files.join(" and ")}`,
});

/** Waits for an export in the service, and at the same time in a pod; a task gets what both have found. */
export const bothExports = workflow({
  name: "interop.both-exports",
  inputs: { status: t.string },
  build: ({ status }) => {
    const { rows, files } = exported({ status });
    return { rows, summary: summarised({ rows, files, state: exportedState({ status }) }) };
  },
});

/** Waits for an export in the service alone. */
export const servedExport = workflow({
  name: "interop.served-export",
  inputs: { status: t.string },
  build: ({ status }) => exported({ status }).rows,
});
