import { type Emulator, startEmulator } from "../emulators/emulator.ts";

/** A query as moto keeps it (`QueryExecution`). */
export interface KeptQuery {
  readonly QueryExecutionId: string;
  readonly Query: string;
  readonly WorkGroup?: string;
  readonly ExecutionParameters?: readonly string[];
  readonly ResultReuseConfiguration?: object;
  readonly QueryExecutionContext?: object;
  readonly Status: { readonly State: string };
}

/** Athena and S3 by moto, behind the proxy that mends what it lacks. */
export class MotoAthena {
  readonly emulator: Emulator;

  private constructor(emulator: Emulator) {
    this.emulator = emulator;
  }

  /** Starts one, with the bucket `results`. */
  static async start(): Promise<MotoAthena> {
    const moto = new MotoAthena(await startEmulator("moto", { fixes: "athena" }));
    await fetch(`${moto.emulator.direct}/results`, { method: "PUT" });
    return moto;
  }

  get endpoint(): string {
    return this.emulator.endpoint;
  }

  /** What our packages and the SDK read to find it. */
  get environment(): Readonly<Record<string, string>> {
    return {
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "testtest",
      AWS_ENDPOINT_URL_ATHENA: this.endpoint,
      FLYTE_AWS_ENDPOINT: this.endpoint,
      FLYTE_AWS_ACCESS_KEY_ID: "test",
      FLYTE_AWS_SECRET_ACCESS_KEY: "testtest",
    };
  }

  /** How queries go on: at once, or after each `times` questions. */
  async transition(progression: "immediate" | "manual", times = 1): Promise<void> {
    const transition = progression === "immediate" ? { progression } : { progression, times };
    await this.#control("state-manager/set-transition", { model_name: "athena::execution", transition });
  }

  /**
   * The result of the next query, as rows of texts; `null` is NULL. The first row is the header. Moto puts cells between
   * quotes as they are; Athena doubles the quotes in them.
   */
  async nextResult(rows: readonly (readonly (string | null)[])[]): Promise<void> {
    const results = [
      {
        rows: rows.map((row) => ({
          Data: row.map((cell) => (cell === null ? {} : { VarCharValue: cell.replaceAll('"', '""') })),
        })),
        column_info: (rows[0] ?? []).map((name) => ({ Name: name, Type: "varchar" })),
      },
    ];
    await this.#control("static/athena/query-results", { results });
  }

  /** How queries end whose text matches. */
  async ending(end: {
    readonly query: string;
    readonly state: "FAILED" | "SUCCEEDED";
    readonly reason?: string;
    readonly category?: number;
    readonly type?: number;
    readonly retryable?: boolean;
    readonly scanned?: number;
  }): Promise<void> {
    await fetch(`${this.endpoint}/__athena`, { method: "POST", body: JSON.stringify(end) });
  }

  /** All queries that were started and whose text has this in it, as moto keeps them. */
  async queries(text: string): Promise<readonly KeptQuery[]> {
    const { QueryExecutionIds: ids } = (await this.#ask("ListQueryExecutions", {})) as {
      readonly QueryExecutionIds: readonly string[];
    };
    const found = ids.map(async (id) => {
      const answer = await this.#ask("GetQueryExecution", { QueryExecutionId: id });
      return (answer as { readonly QueryExecution: KeptQuery }).QueryExecution;
    });
    return (await Promise.all(found)).filter(({ Query }) => Query.includes(text));
  }

  stop(): Promise<void> {
    return this.emulator.stop();
  }

  /** Asks moto itself: no proxy, and no question that is counted. */
  async #ask(operation: string, body: object): Promise<unknown> {
    const headers = {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AmazonAthena.${operation}`,
      authorization:
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/athena/aws4_request, SignedHeaders=host, Signature=0",
    };
    const answer = await fetch(this.emulator.direct, { method: "POST", headers, body: JSON.stringify(body) });
    return answer.json();
  }

  async #control(path: string, body: object): Promise<void> {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${this.emulator.direct}/moto-api/${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`moto's ${path} answers ${answer.status}: ${await answer.text()}`);
  }
}
