import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { VendorDouble, VendorFault, VendorJob, VendorJobState, VendorOperation } from "@flyte-ts/core/testing";

/** A job as it was sent. */
export interface SentJob {
  readonly jobReference: { readonly projectId?: string; readonly jobId: string; readonly location?: string };
  readonly configuration: {
    readonly query: Readonly<Record<string, unknown>>;
    readonly dryRun?: boolean;
    readonly [option: string]: unknown;
  };
}

/** A request as it came in. */
export interface ReceivedRequest {
  readonly method: string;
  /** Below `/bigquery/v2/`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: SentJob | undefined;
}

/** A job that the double keeps. */
interface KeptJob {
  readonly id: string;
  readonly location: string;
  readonly configuration: SentJob["configuration"];
  state: VendorJobState;
  message: string;
  reason: string;
  /** More of what `jobs.get` answers, such as `statistics`. */
  extra: object;
}

/** A table with rows in the REST API's form. */
export interface KeptTable {
  readonly schema: { readonly fields: readonly object[] };
  readonly rows?: readonly { readonly f: readonly { readonly v: unknown }[] }[];
  readonly type?: string;
}

/** An answer. */
interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const statuses: Readonly<Record<VendorJobState, string>> = {
  queued: "PENDING",
  running: "RUNNING",
  succeeded: "DONE",
  failed: "DONE",
  cancelled: "DONE",
};

/** An error of the REST API, in the form that local-bigquery and Google's documentation give it. */
export const apiError = (status: number, reason: string, message: string): Answer => ({
  status,
  body: { error: { code: status, message, errors: [{ message, domain: "global", reason }], status: reason } },
});

/**
 * Stands where BigQuery stands: a server that speaks the part of its REST API which jobs and reading need, as its
 * reference describes it, and local-bigquery 0.3.2 answers it. Jobs do what `set` says; one that is not told
 * otherwise runs for ever. A job is found with its location alone, as outside of the multi-regions US and EU.
 */
export class BigQueryDouble implements VendorDouble {
  readonly requests: Record<VendorOperation, number> = { create: 0, get: 0, delete: 0 };
  readonly tellsRetryAfter = true;
  /** All that came in, in order. */
  readonly received: ReceivedRequest[] = [];
  readonly tables = new Map<string, KeptTable>();
  /** What dry runs and scripts answer with. */
  estimate: object = { totalBytesProcessed: "1024" };
  children: readonly object[] = [];
  /** How a job is when it has been started. */
  started: (job: SentJob) => VendorJobState = () => "running";
  /** Where jobs run that name no location. */
  location = "US";
  /** Answers a request in the place of the double; undefined to let it pass. */
  intercept: (request: ReceivedRequest) => Answer | "hang" | "garbage" | undefined = () => undefined;
  readonly #jobs = new Map<string, KeptJob>();
  readonly #faults: { fault: VendorFault; left: number }[] = [];
  readonly #server: Server = createServer((request, response) => void this.#handle(request, response));

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  jobs(): readonly VendorJob[] {
    return [...this.#jobs.values()].map(({ id, state }) => ({ key: id.replace(/^flyte-/, ""), state }));
  }

  fault(fault: VendorFault): void {
    this.#faults.push({ fault, left: fault.times });
  }

  mend(): void {
    this.#faults.length = 0;
  }

  set(
    key: string,
    state: VendorJobState,
    message = "",
    { reason = "invalidQuery", ...extra }: { readonly reason?: string; readonly [part: string]: unknown } = {},
  ): void {
    const job = this.#jobs.get(`flyte-${key}`);
    if (job === undefined) throw new Error(`there is no job of the key ${key}`);
    Object.assign(job, { state, message, extra, reason: state === "cancelled" ? "stopped" : reason });
  }

  vanish(key: string): void {
    this.#jobs.delete(`flyte-${key}`);
  }

  /** What was sent to start jobs. */
  get inserted(): readonly ReceivedRequest[] {
    return this.received.filter(({ method, path }) => method === "POST" && path.endsWith("/jobs"));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const { pathname, searchParams } = new URL(request.url ?? "", "http://double");
    const text = Buffer.concat(chunks).toString();
    const received: ReceivedRequest = {
      method: request.method ?? "GET",
      path: decodeURIComponent(pathname.replace("/bigquery/v2/", "")),
      query: Object.fromEntries(searchParams),
      headers: request.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
    this.received.push(received);
    const operation = operationOf(received);
    if (operation !== undefined) this.requests[operation] += 1;
    const instead = this.intercept(received);
    if (instead === "hang") return;
    if (instead === "garbage") return void response.end("<html>a proxy's page</html>");
    if (instead !== undefined) return send(response, instead);
    const fault = operation === undefined ? undefined : this.#next(operation);
    const refused = fault && refusal(fault, received);
    if (refused !== undefined) return send(response, refused);
    const answer = this.#answer(received);
    if (fault?.kind === "lose") return void request.socket.destroy();
    if (fault?.kind === "hang") return;
    send(response, answer);
  }

  #next(operation: VendorOperation): VendorFault | undefined {
    const found = this.#faults.find(({ fault, left }) => fault.on === operation && left > 0);
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.fault;
  }

  #answer({ method, path, query, body }: ReceivedRequest): Answer {
    const [, project = "", kind, id = "", more, table = ""] = path.split("/");
    if (kind === "jobs" && id === "" && method === "POST" && body !== undefined) return this.#insert(project, body);
    if (kind === "jobs" && id === "") return { status: 200, body: { jobs: this.children } };
    if (kind === "jobs") {
      const job = this.#jobs.get(id);
      const hidden = job !== undefined && !["US", "EU", query.location].includes(job.location);
      if (job === undefined || hidden) return apiError(404, "notFound", `Not found: Job ${project}:${id}`);
      if (more === "cancel" && (job.state === "queued" || job.state === "running")) {
        Object.assign(job, {
          state: "cancelled",
          reason: "stopped",
          message: "Job execution was cancelled: User requested cancellation",
        });
      }
      return { status: 200, body: more === "cancel" ? { job: jobBody(project, job) } : jobBody(project, job) };
    }
    const name = `${project}:${id}.${table}`;
    const kept = this.tables.get(name);
    if (kept === undefined) return apiError(404, "notFound", `Not found: Table ${name}`);
    if (!path.endsWith("/data")) {
      const { rows = [], schema, type = "TABLE" } = kept;
      return { status: 200, body: { schema, type, numRows: String(rows.length) } };
    }
    return { status: 200, body: page(kept, query) };
  }

  #insert(projectId: string, { jobReference, configuration }: SentJob): Answer {
    const location = jobReference.location ?? this.location;
    if (configuration.dryRun === true) {
      const statistics = { ...this.estimate, query: { statementType: "SELECT", ...this.estimate } };
      const reference = { projectId, location };
      return { status: 200, body: { jobReference: reference, configuration, status: { state: "DONE" }, statistics } };
    }
    const id = jobReference.jobId;
    if (this.#jobs.has(id)) {
      return apiError(409, "duplicate", `Already Exists: Job ${projectId}:${this.#jobs.get(id)?.location}.${id}`);
    }
    const state = this.started({ jobReference, configuration });
    const job: KeptJob = { id, location, configuration, state, message: "", reason: "invalidQuery", extra: {} };
    this.#jobs.set(id, job);
    return { status: 200, body: jobBody(projectId, job) };
  }
}

function operationOf({ method, path, body }: ReceivedRequest): VendorOperation | undefined {
  if (!/\/jobs(\/|$)/.test(path)) return undefined;
  if (path.endsWith("/cancel")) return "delete";
  if (method === "GET") return "get";
  return body?.configuration?.dryRun === true ? undefined : "create";
}

function refusal({ kind, retryAfterMs, message = "" }: VendorFault, { headers }: ReceivedRequest): Answer | undefined {
  switch (kind) {
    case "unavailable":
      return apiError(503, "backendError", "Error encountered during execution. Retrying may solve the problem.");
    case "throttle": {
      const text = "Exceeded rate limits: too many api requests per user per method for this user_method.";
      if (retryAfterMs === undefined) return apiError(403, "rateLimitExceeded", text);
      return { ...apiError(429, "rateLimitExceeded", text), headers: { "retry-after": String(retryAfterMs / 1000) } };
    }
    case "reject":
      return apiError(400, "invalidQuery", message);
    case "refuse":
      return apiError(403, "accessDenied", `Access Denied: ${message} ${headers.authorization ?? ""}`);
    default:
      return undefined;
  }
}

function jobBody(projectId: string, { id, location, configuration, state, message, reason, extra }: KeptJob): object {
  const failed = state === "failed" || state === "cancelled";
  const errorResult = { reason, message: message === "" ? "it failed" : message, location: "query" };
  const destinationTable = { projectId, datasetId: "_anonymous", tableId: `anon_${id.slice(-8)}` };
  return {
    kind: "bigquery#job",
    id: `${projectId}:${location}.${id}`,
    jobReference: { projectId, jobId: id, location },
    configuration: { ...configuration, query: { destinationTable, ...configuration.query } },
    status: { state: statuses[state], ...(failed ? { errorResult, errors: [errorResult] } : {}) },
    statistics: { query: { statementType: "SELECT" } },
    ...extra,
  };
}

function page({ schema, rows = [] }: KeptTable, query: Readonly<Record<string, string>>): object {
  const { maxResults = "100000", pageToken = "0", selectedFields } = query;
  const names = schema.fields.map((field) => (field as { readonly name: string }).name);
  const picked = selectedFields === undefined ? names : selectedFields.split(",");
  const start = Number(pageToken);
  const end = start + Number(maxResults);
  return {
    totalRows: String(rows.length),
    rows: rows.slice(start, end).map(({ f }) => ({ f: f.filter((_, at) => picked.includes(names[at] ?? "")) })),
    ...(end < rows.length ? { pageToken: String(end) } : {}),
  };
}

function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}
