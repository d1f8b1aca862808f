import type {
  AsyncConnector,
  CreateContext,
  JobContext,
  Resource,
  ResourceMetaDeclaration,
  SyncConnector,
} from "@flyte-ts/core/plugin";

/** What a job of `ScriptedConnector` is told to do, in the template's `custom`. */
export interface Script {
  /** How the job ends behind its first poll: `run` goes on for ever. */
  readonly mode: "succeed" | "fail" | "retry" | "run";
}

interface Meta {
  readonly id: string;
  readonly mode: Script["mode"];
  readonly n: number;
}

const isMeta = (value: unknown): value is Meta =>
  typeof value === "object" && value !== null && typeof (value as Partial<Meta>).id === "string";

const meta: ResourceMetaDeclaration<Meta> = {
  version: 1,
  schema: {
    "~standard": {
      version: 1,
      vendor: "interop",
      validate: (value) => (isMeta(value) ? { value } : { issues: [{ message: "there is no id" }] }),
    },
  },
};

/** Runs jobs that do what their template says; `python/connector_v2_service.py` has the same one on flyte-sdk. */
export class ScriptedConnector implements AsyncConnector<Meta> {
  readonly name: string = "Scripted";
  readonly meta = meta;
  readonly requestsPerSecond = 1_000_000;
  /** The polls of each job that was created. */
  readonly polls = new Map<string, number>();
  readonly deleted = new Set<string>();
  /** The settings that came with v2's connection. */
  readonly connections: unknown[] = [];

  async create({ idempotencyKey, template, nativeInputs, connection }: CreateContext): Promise<Meta> {
    const { n = 0n } = await nativeInputs();
    const id = `job-${idempotencyKey.slice(0, 8)}`;
    if (!this.polls.has(id)) this.polls.set(id, 0);
    if (connection !== undefined) this.connections.push([connection.configs, connection.secrets.token?.reveal()]);
    return { id, mode: (template.custom as Partial<Script> | undefined)?.mode ?? "run", n: Number(n) };
  }

  async get({ meta: { id, mode, n } }: JobContext<Meta>): Promise<Resource> {
    const polls = (this.polls.get(id) ?? 0) + 1;
    this.polls.set(id, polls);
    if (this.deleted.has(id)) return { phase: "ABORTED", message: "cancelled" };
    const logLinks = [{ name: "Job", uri: "https://vendor.example/job" }];
    if (polls === 1 || mode === "run") {
      return { phase: "RUNNING", message: "it runs", logLinks, customInfo: { polls } };
    }
    if (mode === "fail") return { phase: "FAILED", message: "the query is wrong", logLinks };
    if (mode === "retry") return { phase: "RETRYABLE_FAILED", message: "the backend broke", logLinks };
    return { phase: "SUCCEEDED", logLinks, outputs: { doubled: 2n * BigInt(n), text: `n is ${n}` } };
  }

  async delete({ meta: { id } }: JobContext<Meta>): Promise<void> {
    this.deleted.add(id);
  }

  async getMetrics() {
    return [{ metric: "cpu", data: { resultType: "matrix", result: [] } }];
  }

  async getLogs({ token }: { readonly token?: string | undefined }) {
    const line = (message: string) => ({
      message,
      timestamp: new Date(1_700_000_000_500),
      originator: "user" as const,
    });
    return token === undefined
      ? { lines: [line("one"), line("two")], nextToken: "2" }
      : { lines: [{ message: "three", timestamp: undefined }] };
  }
}

/** Answers at once: `text`, made of the input `n`. */
export class ScriptedSyncConnector implements SyncConnector {
  readonly name: string = "Scripted sync";

  async do({ nativeInputs, template }: CreateContext): Promise<Resource> {
    const { n = 0n } = await nativeInputs();
    if ((template.custom as Partial<Script> | undefined)?.mode === "fail") {
      return { phase: "FAILED", message: "the request is wrong" };
    }
    return { phase: "SUCCEEDED", outputs: { doubled: 2n * (n as bigint), text: `n is ${n}` } };
  }
}
