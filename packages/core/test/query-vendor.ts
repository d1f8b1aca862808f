import {
  type AsyncConnector,
  type CreateContext,
  FlyteError,
  type JobContext,
  type Resource,
} from "@flyte-ts/core/plugin";
import type { VendorDouble, VendorFault, VendorJobState, VendorOperation } from "@flyte-ts/core/testing";
import * as v from "valibot";

/** What the vendor's client throws. */
export class VendorError extends Error {
  readonly status: number;
  readonly retryAfterMs: number | undefined;

  constructor(status: number, message: string, retryAfterMs?: number) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

interface Kept {
  readonly key: string;
  state: VendorJobState;
  message: string;
}

/** A request, as it comes to the vendor. */
export interface VendorRequest {
  readonly token: string;
  readonly signal: AbortSignal;
}

/** A service that runs queries: one for each id. */
export class QueryVendor implements VendorDouble {
  readonly kept: Kept[] = [];
  readonly requests: Record<VendorOperation, number> = { create: 0, get: 0, delete: 0 };
  readonly tellsRetryAfter: boolean = true;
  #faults: (VendorFault & { left: number })[] = [];

  jobs() {
    return this.kept.map(({ key, state }) => ({ key, state }));
  }
  fault(fault: VendorFault): void {
    this.#faults.push({ ...fault, left: fault.times });
  }
  mend(): void {
    this.#faults = [];
  }
  set(key: string, state: VendorJobState, message = ""): void {
    Object.assign(this.job(key), { state, message });
  }
  vanish(key: string): void {
    this.kept.splice(this.kept.indexOf(this.job(key)), 1);
  }

  insert(key: string, request: VendorRequest): Promise<void> {
    return this.request("create", request, () => {
      if (this.kept.some((job) => job.key === key)) throw new VendorError(409, `duplicate ${key}`);
      this.kept.push({ key, state: "queued", message: "" });
    });
  }
  ask(key: string, request: VendorRequest): Promise<Readonly<Kept>> {
    return this.request("get", request, () => ({ ...this.job(key) }));
  }
  cancel(key: string, request: VendorRequest): Promise<void> {
    return this.request("delete", request, () => {
      const job = this.job(key);
      if (job.state === "queued" || job.state === "running") job.state = "cancelled";
    });
  }

  job(key: string): Kept {
    const job = this.kept.find((kept) => kept.key === key);
    if (job === undefined) throw new VendorError(404, `no query ${key}`);
    return job;
  }

  async request<R>(operation: VendorOperation, { token, signal }: VendorRequest, work: () => R): Promise<R> {
    this.requests[operation] += 1;
    await Promise.resolve();
    signal.throwIfAborted();
    const fault = this.#faults.find(({ on, left }) => on === operation && left > 0);
    if (fault === undefined) return work();
    fault.left -= 1;
    switch (fault.kind) {
      case "unavailable":
        throw new VendorError(503, "try later");
      case "throttle":
        throw new VendorError(429, "too many requests", fault.retryAfterMs);
      case "lose":
        work();
        throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
      case "hang":
        work();
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        });
      case "reject":
        throw new VendorError(400, `bad query: ${fault.message ?? ""}`);
      case "refuse":
        throw new VendorError(403, `forbidden: ${fault.message ?? ""} (authorization: Bearer ${token})`);
    }
  }
}

/** The meta of a query. */
export interface QueryMeta {
  readonly query: string;
}

/** A connector that does all it should. */
export class QueryConnector implements AsyncConnector<QueryMeta> {
  readonly name: string = "Query";
  readonly meta: AsyncConnector<QueryMeta>["meta"] = {
    version: 2,
    schema: v.object({ query: v.string() }),
    upgrade: (meta) => ({ query: (meta as { readonly id: string }).id }),
  };
  readonly vendor: QueryVendor;

  constructor(vendor: QueryVendor) {
    this.vendor = vendor;
  }

  async create(context: CreateContext): Promise<QueryMeta> {
    const { idempotencyKey: query } = context;
    try {
      await this.vendor.insert(query, await this.credential(context));
    } catch (error) {
      if (!(error instanceof VendorError) || error.status !== 409) throw this.mapped(error);
    }
    return { query };
  }

  async find(context: CreateContext): Promise<QueryMeta | undefined> {
    const { idempotencyKey: query } = context;
    try {
      await this.vendor.ask(query, await this.credential(context));
      return { query };
    } catch (error) {
      if (error instanceof VendorError && error.status === 404) return undefined;
      throw this.mapped(error);
    }
  }

  async get(context: JobContext<QueryMeta>): Promise<Resource> {
    const request = await this.credential(context);
    const job = await this.vendor.ask(context.meta.query, request).catch((error: unknown) => {
      throw this.mapped(error);
    });
    return this.resource(job);
  }

  resource({ state, message }: Readonly<Kept>): Resource {
    const phases = {
      queued: "QUEUED",
      running: "RUNNING",
      succeeded: "SUCCEEDED",
      failed: "FAILED",
      cancelled: "ABORTED",
    } as const;
    return { phase: phases[state], message, ...(state === "succeeded" ? { outputs: { rows: 7 } } : {}) };
  }

  async delete(context: JobContext<QueryMeta>): Promise<void> {
    const request = await this.credential(context);
    await this.vendor.cancel(context.meta.query, request).catch((error: unknown) => {
      throw this.mapped(error);
    });
  }

  logLinks({ query }: QueryMeta) {
    return [{ name: "Query", uri: `https://vendor.example/queries/${query}` }];
  }

  async credential({ secrets, signal }: Pick<CreateContext, "secrets" | "signal">): Promise<VendorRequest> {
    return { token: (await secrets.get({ group: "vendor", key: "token" })).reveal(), signal };
  }

  mapped(error: unknown): unknown {
    if (!(error instanceof VendorError)) return error;
    const { status, message, retryAfterMs } = error;
    const options = { cause: error, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    if (status === 429) return new FlyteError("Throttled", message, options);
    if (status >= 500) return new FlyteError("Unavailable", message, options);
    if (status === 404) return new FlyteError("NotFound", message, options);
    if (status === 403) return new FlyteError("PermissionDenied", message, options);
    return new FlyteError("InvalidInput", message, options);
  }
}
