/** Tasks whose time is over, and one that is tried again: run alone, and in a workflow. */
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { FlyteError, t, task, workflow } from "@flyte-ts/core";
import { AsyncConnectorTask, definePlugin, metaSchema } from "@flyte-ts/core/plugin";

/** Notes what happens, in the file that a test reads. */
const note = (text: string): void => appendFileSync(process.env.NOTES ?? "/dev/null", `${text}\n`);

/** A service whose jobs never end, and that takes its time to stop one. */
const connector = {
  name: "Endless",
  meta: { version: 1, schema: metaSchema<{ readonly id: string }>(() => undefined) },
  create: async () => ({ id: "a" }),
  get: async () => ({ phase: "RUNNING" as const }),
  async delete(): Promise<void> {
    await sleep(200);
    note("deleted");
  },
};

const plugin = {
  package: { name: "endless", version: "1.0.0" },
  manifest: async () => ({
    default: definePlugin({
      specVersion: 1,
      name: "endless",
      version: "1.0.0",
      provides: { connectors: { endless: async () => connector } },
    }),
  }),
};

class EndlessTask extends AsyncConnectorTask<Record<never, never>, { o0: typeof t.int }, number> {}

export const endless = new EndlessTask(
  "endless",
  { name: "endless", inputs: {}, outputs: { o0: t.int }, unwrapped: true },
  plugin,
  { timeout: 300 },
);

export const waits = workflow({ name: "waits", build: () => endless({}) });

let attempts = 0;
export const twice = task({
  name: "twice",
  retries: 1,
  output: t.int,
  run: async () => {
    attempts += 1;
    if (attempts === 1) throw new FlyteError("Recoverable", "again");
    return attempts;
  },
});
