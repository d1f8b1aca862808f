import { t } from "@flyte-ts/core";
import { AsyncConnectorTask, SyncConnectorTask } from "@flyte-ts/core/plugin";

// The package makes the image's name; `packageInfo(import.meta.url)` reads it in a package of one's own.
const plugin = {
  package: { name: "tutorial-connectors", version: "1.0.0" },
  manifest: () => import("./plugin.ts"),
};

/** A query; its output is the number of rows. */
export class BigQueryTask extends AsyncConnectorTask<Record<never, never>, { rows: typeof t.int }, { rows: number }> {
  readonly query: string;

  constructor({ name, query }: { readonly name: string; readonly query: string }) {
    super("bigquery", { name, inputs: {}, outputs: { rows: t.int }, unwrapped: false }, plugin);
    this.query = query;
  }

  override custom(): { query: string } {
    return { query: this.query };
  }
}

/** A question to the model. */
export class ChatTask extends SyncConnectorTask<{ prompt: typeof t.string }, { o0: typeof t.string }, string> {
  constructor({ name }: { readonly name: string }) {
    super("openai", { name, inputs: { prompt: t.string }, outputs: { o0: t.string }, unwrapped: true }, plugin);
  }
}
