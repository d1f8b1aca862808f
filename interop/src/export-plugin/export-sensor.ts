import {
  BaseSensor,
  FlyteError,
  found,
  type Natives,
  notYet,
  type PollAnswer,
  type PollContext,
  type PollRequest,
  t,
} from "@flyte-ts/core";

/** How the other system says in a file how far an export is. */
export interface ExportStatus {
  readonly state: "running" | "done" | "failed";
  readonly rows?: number;
  readonly files?: readonly string[];
  readonly reason?: string;
}

interface Config {
  /** An export with fewer rows is a mistake. */
  readonly leastRows: number;
}

const inputs = { status: t.string };
const outputs = { rows: t.int, files: t.list(t.string) };

/** Waits until another system has exported its data, and says what there is: it reads the file that tells. */
export class ExportSensor extends BaseSensor<typeof inputs, typeof outputs, Config> {
  readonly name: string = "export";
  readonly inputs: typeof inputs = inputs;
  readonly outputs: typeof outputs = outputs;

  override readConfig({ leastRows, ...others }: { leastRows?: unknown }): Config {
    super.readConfig(others as never);
    if (typeof leastRows === "number") return { leastRows };
    throw new FlyteError("InvalidDefinition", `config.leastRows is ${leastRows}; it must be a number`);
  }

  async poll(
    { inputs: { status }, config: { leastRows } }: PollRequest<Natives<typeof inputs>, Config>,
    { storage, signal, turn }: PollContext,
  ): Promise<PollAnswer<{ readonly rows: number; readonly files: readonly string[] }>> {
    if ((await storage.stat(status, { signal })) === undefined) return notYet(`the export to begin (${status})`);
    await turn();
    const text = new TextDecoder().decode(await storage.readBytes(status, { signal, maxBytes: 100_000 }));
    const { state, rows = 0, files = [], reason } = JSON.parse(text) as ExportStatus;
    if (state === "failed") throw new FlyteError("TaskFailed", `the export has failed: ${reason}`);
    if (state !== "done") return notYet("the export to end");
    if (rows < leastRows) throw new FlyteError("InvalidInput", `the export has ${rows} rows, of ${leastRows} at least`);
    return found({ rows, files });
  }
}
