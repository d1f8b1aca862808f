/** A connector's task between two tasks that have containers. */
import { t, task, workflow } from "@flyte-ts/core";
import { definePlugin, type SyncConnector, SyncConnectorTask } from "@flyte-ts/core/plugin";

const doubler: SyncConnector = {
  name: "Doubler",
  do: async ({ nativeInputs }) => ({
    phase: "SUCCEEDED",
    outputs: { o0: 2n * ((await nativeInputs()).n as bigint) },
    customInfo: { pid: process.pid },
  }),
};

const plugin = {
  package: { name: "doubler", version: "1.0.0" },
  manifest: async () => ({
    default: definePlugin({
      specVersion: 1,
      name: "doubler",
      version: "1.0.0",
      provides: { connectors: { doubler: async () => doubler } },
    }),
  }),
};

class DoubleTask extends SyncConnectorTask<{ n: typeof t.int }, { o0: typeof t.int }, number> {}

export const double = new DoubleTask(
  "doubler",
  { name: "double", inputs: { n: t.int }, outputs: { o0: t.int }, unwrapped: true },
  plugin,
);

export const next = task({ name: "next", inputs: { n: t.int }, output: t.int, run: ({ n }) => n + 1 });

export const around = workflow({
  name: "around",
  inputs: { n: t.int },
  build: ({ n }) => next({ n: double({ n: next({ n }) }) }),
});
