/** Workflows that wait for files, in both forms: what the end-to-end tests run on a real Flyte. */
import { t, task, workflow } from "@flyte-ts/core";
import { WaitForObjectStoreFile, waitForObjectStoreFile } from "@flyte-ts/object-store-sensor";

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
