import { FlyteError, packageInfo, withinTime } from "@flyte-ts/core/plugin";
import type { BigQuery } from "@google-cloud/bigquery";
import type {
  BigQueryClient,
  CallOptions,
  ClientOptions,
  Job,
  JobReference,
  JobRequest,
  PageRequest,
  RawRow,
  RowPage,
  Table,
  TableReference,
} from "./client.ts";
import { jobOf, tableOf } from "./rest-answers.ts";
import { vendorError } from "./vendor-error.ts";

/** How long one request may take, in milliseconds. */
const requestMs = 30_000;

/** The SDK has neither a deadline nor a way to end a request: its own time-out closes the connection later. */
const late = (doing: string): FlyteError =>
  new FlyteError("Unavailable", `BigQuery: cannot ${doing}: no answer within ${requestMs / 1000} s`);
const jobsAtOnce = 100;

/**
 * The client over `@google-cloud/bigquery`, which is loaded here.
 * @throws FlyteError `InvalidInput` for credentials that are no service account's key.
 */
export async function sdkClient({ credentials, endpoint }: ClientOptions): Promise<BigQueryClient> {
  const [{ BigQuery }, { PassThroughClient }] = await Promise.all([
    import("@google-cloud/bigquery"),
    import("google-auth-library"),
  ]);
  const key = credentials === undefined ? undefined : serviceAccountKey(credentials);
  const { name, version } = packageInfo(import.meta.url);
  const bigQuery = new BigQuery({
    // Every request names its own; this one keeps the SDK from looking for another.
    projectId: key?.project_id ?? "-",
    userAgent: `${name.replace("@", "").replace("/", "-")}/${version}`,
    // Whether a request may be repeated is known where it was made.
    retryOptions: { autoRetry: false },
    ...(key === undefined ? {} : { credentials: key }),
    ...(endpoint === undefined ? {} : { apiEndpoint: endpoint }),
    ...(endpoint === undefined || key !== undefined ? {} : { authClient: new PassThroughClient() }),
  });
  return new SdkClient(bigQuery);
}

/** What of a key of a service account is of use. */
interface ServiceAccountKey {
  readonly client_email: string;
  readonly private_key: string;
  readonly project_id?: string;
}

function serviceAccountKey(text: string): ServiceAccountKey {
  let key: Partial<ServiceAccountKey> | null = null;
  try {
    key = JSON.parse(text);
  } catch {
    // What it is instead is not shown: it may be a secret of another kind.
  }
  if (typeof key?.client_email === "string" && typeof key.private_key === "string") return key as ServiceAccountKey;
  throw new FlyteError(
    "InvalidInput",
    "the secret in config.credentials is no key of a service account: it must be JSON with client_email and private_key",
  );
}

/** One request. */
interface Asked {
  readonly method: "GET" | "POST";
  readonly project: string;
  /** Below the project. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** For messages: `start the job flyte-…`. */
  readonly doing: string;
}

/** Requests go through the SDK's `request`, for the methods above it change what they send: see `#ask`. */
class SdkClient implements BigQueryClient {
  readonly #bigQuery: BigQuery;

  constructor(bigQuery: BigQuery) {
    this.#bigQuery = bigQuery;
  }

  async insertJob({ reference, configuration }: JobRequest, options: CallOptions): Promise<Job> {
    const answer = await this.#ask(
      {
        method: "POST",
        project: reference.projectId,
        path: "/jobs",
        body: { jobReference: reference, configuration },
        doing: configuration.dryRun === true ? "estimate the query" : `start the job ${reference.jobId}`,
      },
      options,
    );
    return jobOf(answer, reference);
  }

  async getJob(reference: JobReference, options: CallOptions): Promise<Job> {
    const { projectId: project, jobId, location } = reference;
    const path = `/jobs/${encodeURIComponent(jobId)}`;
    const doing = `ask for the job ${jobId}`;
    return jobOf(await this.#ask({ method: "GET", project, path, query: { location }, doing }, options), reference);
  }

  async cancelJob({ projectId: project, jobId, location }: JobReference, options: CallOptions): Promise<void> {
    const path = `/jobs/${encodeURIComponent(jobId)}/cancel`;
    await this.#ask({ method: "POST", project, path, query: { location }, doing: `stop the job ${jobId}` }, options);
  }

  async childJobs(parent: JobReference, options: CallOptions): Promise<readonly Job[]> {
    const query = { parentJobId: parent.jobId, projection: "full", maxResults: jobsAtOnce };
    const doing = `list the jobs of ${parent.jobId}`;
    const answer = await this.#ask({ method: "GET", project: parent.projectId, path: "/jobs", query, doing }, options);
    const { jobs = [] } = answer as { readonly jobs?: readonly unknown[] };
    return jobs.map((job) => jobOf(job, parent));
  }

  async getTable(table: TableReference, options: CallOptions): Promise<Table> {
    const { projectId: project, datasetId, tableId } = table;
    const path = `/datasets/${encodeURIComponent(datasetId)}/tables/${encodeURIComponent(tableId)}`;
    const doing = `read the table ${project}.${datasetId}.${tableId}`;
    return tableOf(await this.#ask({ method: "GET", project, path, doing }, options));
  }

  async listRows(table: TableReference, page: PageRequest, options: CallOptions): Promise<RowPage> {
    const { projectId: project, datasetId, tableId } = table;
    const answer = await this.#ask(
      {
        method: "GET",
        project,
        path: `/datasets/${encodeURIComponent(datasetId)}/tables/${encodeURIComponent(tableId)}/data`,
        query: {
          maxResults: page.maxRows,
          pageToken: page.token,
          selectedFields: page.fields?.join(","),
          "formatOptions.useInt64Timestamp": true,
        },
        doing: `read the table ${project}.${datasetId}.${tableId}`,
      },
      options,
    );
    const { rows = [], pageToken } = answer as { readonly rows?: readonly RawRow[]; readonly pageToken?: string };
    return { rows, nextToken: pageToken === "" ? undefined : pageToken };
  }

  /**
   * Asks through the SDK: its authentication, its connections, its errors. `createJob` and `query` would convert
   * parameters on their own (booleans, bytes and NaN wrongly), end the process when an answer is no JSON, and, as every
   * request with `json`, put the project in the place of a `{{projectId}}` in a query or value: the body goes as text.
   */
  async #ask(
    { method, project, path, query = {}, body, doing }: Asked,
    { signal, clock }: CallOptions,
  ): Promise<object> {
    const qs = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
    const ask = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const headers =
          body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
        this.#bigQuery.request(
          { method, projectId: project, uri: path, qs, timeout: requestMs, ...headers } as Parameters<
            BigQuery["request"]
          >[0],
          (error, answer) => (error ? reject(error) : resolve(answer)),
        );
      });
    try {
      const answer = await withinTime(ask, { signal, clock, ms: requestMs, late: () => late(doing) });
      if (typeof answer === "object" && answer !== null) return answer;
    } catch (error) {
      throw vendorError(error, doing);
    }
    throw new FlyteError("Unavailable", `BigQuery: cannot ${doing}: the answer is no JSON`);
  }
}
