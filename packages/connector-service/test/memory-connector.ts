import {
  type AsyncConnector,
  type CreateContext,
  FlyteError,
  type JobContext,
  type MetricsContext,
  type Resource,
  type ResourceMetaDeclaration,
  type SyncConnector,
} from "@flyte-ts/core/plugin";

/** A vendor's job. */
export interface MemoryJob {
  readonly id: string;
  state: "running" | "done" | "failed" | "cancelled";
  polls: number;
}

export interface MemoryMeta {
  readonly id: string;
}

const meta: ResourceMetaDeclaration<MemoryMeta> = {
  version: 1,
  schema: {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) => {
        const id = (value as Partial<MemoryMeta> | null)?.id;
        return typeof id === "string" ? { value: { id } } : { issues: [{ message: "id is no text" }] };
      },
    },
  },
};

/** A connector whose vendor is this object: it keeps jobs by the idempotency key, and counts what it is asked. */
export class MemoryConnector implements AsyncConnector<MemoryMeta> {
  readonly name: string = "Memory";
  readonly meta = meta;
  readonly requestsPerSecond = 1_000_000;
  readonly jobs = new Map<string, MemoryJob>();
  creates = 0;
  deletes = 0;
  /** What the next calls do in the place of answering. */
  onCreate: ((context: CreateContext) => Promise<void>) | undefined;
  onGet: ((context: JobContext<MemoryMeta>) => Promise<void>) | undefined;
  outputs: Resource["outputs"];
  customInfo: Resource["customInfo"];
  message: string | undefined;
  lines: readonly string[] = [];

  async create(context: CreateContext): Promise<MemoryMeta> {
    this.creates += 1;
    await this.onCreate?.(context);
    const id = `job-${context.idempotencyKey.slice(0, 12)}`;
    if (!this.jobs.has(id)) this.jobs.set(id, { id, state: "running", polls: 0 });
    return { id };
  }

  async get(context: JobContext<MemoryMeta>): Promise<Resource> {
    await this.onGet?.(context);
    const job = this.jobs.get(context.meta.id);
    if (job === undefined) throw new FlyteError("NotFound", `no job ${context.meta.id}`);
    job.polls += 1;
    const { message, customInfo } = this;
    if (job.state === "done") return { phase: "SUCCEEDED", outputs: this.outputs, message, customInfo };
    if (job.state === "failed") return { phase: "FAILED", message: message ?? "the query is wrong" };
    if (job.state === "cancelled") return { phase: "ABORTED" };
    return { phase: "RUNNING", message, customInfo, logLinks: this.logLinks(context.meta) };
  }

  async delete({ meta: { id } }: JobContext<MemoryMeta>): Promise<void> {
    this.deletes += 1;
    const job = this.jobs.get(id);
    if (job?.state === "running") job.state = "cancelled";
  }

  logLinks({ id }: MemoryMeta) {
    return [{ name: "Job", uri: `https://vendor.example/jobs/${id}`, format: "json" as const }];
  }

  async getMetrics({ queries, start, end, stepMs }: MetricsContext<MemoryMeta>) {
    return queries.map((metric) => ({
      metric,
      data: {
        values: [1, 2, 3],
        start: start?.toISOString() ?? "",
        end: end?.toISOString() ?? "",
        stepMs: stepMs ?? 0,
      },
    }));
  }

  async getLogs({
    lines = 2,
    token = "0",
  }: {
    readonly lines?: number | undefined;
    readonly token?: string | undefined;
  }) {
    const at = Number(token);
    const page = this.lines.slice(at, at + lines);
    const next = at + lines < this.lines.length ? String(at + lines) : undefined;
    return {
      lines: page.map((message) => ({ message, timestamp: new Date(1_700_000_000_000), originator: "user" as const })),
      nextToken: next,
    };
  }
}

/** A connector that answers at once, with what it was told. */
export class MemorySyncConnector implements SyncConnector {
  readonly name: string = "Memory sync";
  answer: (context: CreateContext) => Promise<Resource> = async () => ({ phase: "SUCCEEDED" });

  do(context: CreateContext): Promise<Resource> {
    return this.answer(context);
  }
}
