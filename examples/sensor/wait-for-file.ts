/** The sensor of Flyte's tutorial on tasks of one's own: a workflow that waits for a file, then prints its path. */
import { t, task, workflow } from "@flyte-ts/core";
import { WaitForObjectStoreFile } from "@flyte-ts/object-store-sensor";

export const sensor = new WaitForObjectStoreFile({
  name: "my-objectstore-sensor",
  retries: 10,
  timeout: 20 * 60_000,
  pollInterval: 1000,
});

export const printFile = task({
  name: "print_file",
  inputs: { path: t.string },
  output: t.string,
  run: ({ path }) => {
    console.log(path);
    return path;
  },
});

export const myWorkflow = workflow({
  name: "my_workflow",
  inputs: { path: t.string },
  build: ({ path }) => printFile({ path: sensor({ path }).path }),
});
