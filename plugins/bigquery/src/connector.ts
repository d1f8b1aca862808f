import {
  type AsyncConnector,
  type ConnectorContext,
  type CreateContext,
  FlyteError,
  type JobContext,
  type LogLink,
  type Resource,
  type ResourceMetaDeclaration,
} from "@flyte-ts/core/plugin";
import {
  type BigQueryClient,
  type ClientFactory,
  endpointVariable,
  type Job,
  type JobReference,
  type JobRequest,
} from "./client.ts";
import type { CredentialsSecret } from "./config.ts";
import { type JobMeta, jobMeta, referenceOf } from "./job/job-meta.ts";
import { type DeclaredJob, declaredJob } from "./job/job-request.ts";
import { estimateResource, jobResource } from "./job/job-resource.ts";

/** What an operator can say of the connector. */
export interface BigQueryConnectorOptions {
  /** The address of an emulator; the variable `FLYTE_TS_BIGQUERY_ENDPOINT` by default, and without it BigQuery itself. */
  readonly endpoint?: string | undefined;
  /** The way to BigQuery, `@google-cloud/bigquery` by default; loaded when a job is first started or asked for. */
  readonly client?: ClientFactory;
}

/** The most clients that are kept, one for each credential. */
const maxClients = 64;

/**
 * Runs tasks of the type `bigquery_query_job_task` as jobs of BigQuery: our own, and those of flytekit's `BigQueryTask`.
 * A job's id is made of the idempotency key, so that BigQuery itself refuses a second one.
 */
export class BigQueryConnector implements AsyncConnector<JobMeta> {
  readonly name = "BigQuery";
  readonly meta: ResourceMetaDeclaration<JobMeta> = jobMeta;
  /** BigQuery takes 100 a second from one user. */
  readonly requestsPerSecond = 25;
  readonly #endpoint: string | undefined;
  readonly #factory: ClientFactory;
  /** By credential; the last that was used stands last. */
  readonly #clients = new Map<string, Promise<BigQueryClient>>();

  constructor({ endpoint, client = sdk }: BigQueryConnectorOptions = {}) {
    this.#endpoint = endpoint ?? (process.env[endpointVariable] || undefined);
    this.#factory = client;
  }

  async create(context: CreateContext): Promise<JobMeta> {
    const job = await declaredJob(context);
    const client = await this.#client(context, job.declaration.credentials);
    if (job.declaration.dryRun) return this.#estimate(client, context, job);
    try {
      return metaOf(job, await client.insertJob(job.request, context));
    } catch (error) {
      if (!FlyteError.is(error) || error.code !== "AlreadyExists") throw error;
      return metaOf(job, await this.#ours(client, context, job.request, error));
    }
  }

  async find(context: CreateContext): Promise<JobMeta | undefined> {
    const job = await declaredJob(context);
    if (job.declaration.dryRun) return undefined;
    const client = await this.#client(context, job.declaration.credentials);
    const { reference } = job.request;
    const found = await orMissing(client.getJob(reference, context));
    if (found !== undefined || reference.location !== undefined) return found && metaOf(job, found);
    const location = await this.#locationOf(client, context, job.request);
    if (location === undefined) return undefined;
    const there = await orMissing(client.getJob({ ...reference, location }, context));
    return there && metaOf(job, there);
  }

  async get(context: JobContext<JobMeta>): Promise<Resource> {
    const { meta } = context;
    if (meta.estimate !== undefined) return estimateResource(meta.estimate);
    const client = await this.#client(context, meta.credentials);
    const job = await asked(client.getJob(referenceOf(meta), context));
    return jobResource(context, job, () => lastSelect(client, referenceOf(meta), context));
  }

  async delete(context: JobContext<JobMeta>): Promise<void> {
    const { meta } = context;
    if (meta.estimate !== undefined) return;
    const client = await this.#client(context, meta.credentials);
    await orMissing(client.cancelJob(referenceOf(meta), context));
  }

  logLinks({ project, location, jobId, estimate }: JobMeta): readonly LogLink[] {
    if (estimate !== undefined) return [];
    const job = `bq:${location}:${jobId}`;
    const uri = `https://console.cloud.google.com/bigquery?project=${project}&j=${job}&page=queryresults`;
    return [{ name: "BigQuery Console", uri }];
  }

  endpoint({ project, credentials }: JobMeta): string {
    return [this.#endpoint ?? "bigquery", project, credentials?.group ?? "", credentials?.key ?? ""].join(" ");
  }

  /** What the query would read. A dry run is no job: nothing is kept of it, and repeating it costs nothing. */
  async #estimate(client: BigQueryClient, context: CreateContext, job: DeclaredJob): Promise<JobMeta> {
    const { bytesProcessed = 0, statementType = "", error } = await client.insertJob(job.request, context);
    if (error !== undefined) throw new FlyteError("InvalidInput", `${error.message} (${error.reason})`);
    const { projectId: project, jobId, location = "" } = job.request.reference;
    return { project, jobId, location, results: false, estimate: { bytes: bytesProcessed, statementType } };
  }

  /** The job whose id is taken: an earlier call of this attempt has started it, and its answer was lost. */
  async #ours(
    client: BigQueryClient,
    context: CreateContext,
    { reference }: JobRequest,
    taken: FlyteError,
  ): Promise<Job> {
    const said = /Already Exists: Job \S+?:([A-Za-z0-9-]+)\.flyte-/.exec(taken.message)?.[1];
    const location = reference.location ?? said;
    const found = await orMissing(client.getJob({ ...reference, location }, context));
    if (found !== undefined) return found;
    if (/Already Exists: (?!Job)/.test(taken.message)) throw taken;
    throw new FlyteError("Unavailable", `${taken.message}; asked for, it is not there`, { cause: taken });
  }

  /** Where a query runs, as a dry run says: for jobs whose location nobody has named. */
  async #locationOf(
    client: BigQueryClient,
    context: CreateContext,
    { reference, configuration }: JobRequest,
  ): Promise<string | undefined> {
    try {
      const dry = await client.insertJob({ reference, configuration: { ...configuration, dryRun: true } }, context);
      return dry.reference.location;
    } catch (error) {
      // A query that cannot be run has no job either.
      if (FlyteError.is(error) && error.kind === "user") return undefined;
      throw error;
    }
  }

  async #client(
    { secrets, connection }: ConnectorContext,
    secret: CredentialsSecret | undefined,
  ): Promise<BigQueryClient> {
    const found = secret === undefined ? undefined : (connection?.secrets[secret.key] ?? (await secrets.get(secret)));
    const credentials = found?.reveal();
    const key = credentials ?? "";
    const client = this.#clients.get(key) ?? this.#factory({ credentials, endpoint: this.#endpoint });
    this.#clients.delete(key);
    this.#clients.set(key, client);
    client.catch(() => this.#clients.delete(key));
    const [oldest] = this.#clients.keys();
    if (this.#clients.size > maxClients && oldest !== undefined) this.#clients.delete(oldest);
    return client;
  }
}

const sdk: ClientFactory = async (options) => (await import("./sdk-client.ts")).sdkClient(options);

function metaOf({ declaration, request }: DeclaredJob, { reference }: Job): JobMeta {
  const { credentials, location, results } = declaration;
  return {
    project: request.reference.projectId,
    jobId: request.reference.jobId,
    location: reference.location ?? location ?? "",
    ...(credentials === undefined ? {} : { credentials }),
    results,
  };
}

/** The table of a script's rows: that of its last query. */
async function lastSelect(client: BigQueryClient, reference: JobReference, context: ConnectorContext) {
  const jobs = await client.childJobs(reference, context);
  return jobs.find(({ statementType, error }) => statementType === "SELECT" && error === undefined)?.destination;
}

/** How a job is, where a quota that is used up is no failure of the job: it goes on, and can be asked for later. */
async function asked(job: Promise<Job>): Promise<Job> {
  try {
    return await job;
  } catch (error) {
    if (!FlyteError.is(error) || error.code !== "TooLarge") throw error;
    throw new FlyteError("Throttled", error.message, { cause: error });
  }
}

/** Undefined where what was asked for is not there. */
async function orMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (FlyteError.is(error) && error.code === "NotFound") return undefined;
    throw error;
  }
}
