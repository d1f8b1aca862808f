import type { AsyncConnector, CreateContext, JobContext, LogLink, Resource } from "@flyte-ts/core/plugin";
import { type AthenaClient, type AthenaClients, sdkClients } from "./client.ts";
import { calling } from "./deadline.ts";
import { type JobMeta, jobMeta } from "./job/job-meta.ts";
import { jobResource } from "./job/job-resource.ts";
import { queryJob } from "./job/query-job.ts";
import { isUnknownQuery } from "./vendor-error.ts";

/** What a connector is made of; all of it has defaults. */
export interface AthenaConnectorOptions {
  readonly name?: string;
  /** The way to Athena; the AWS SDK by default, loaded when a task first runs. */
  readonly clients?: AthenaClients;
}

/** Runs tasks as queries of Athena. The idempotency key is the query's client request token. */
export class AthenaConnector implements AsyncConnector<JobMeta> {
  readonly name: string;
  readonly meta = jobMeta;
  /** Athena answers 100 GetQueryExecution a second and account, shared with everybody else's. */
  readonly requestsPerSecond = 20;
  readonly #make: AthenaClients;
  readonly #clients = new Map<string | undefined, Promise<AthenaClient>>();

  constructor({ name = "Athena", clients = sdkClients() }: AthenaConnectorOptions = {}) {
    this.name = name;
    this.#make = clients;
  }

  async create(context: CreateContext): Promise<JobMeta> {
    const { region, request, rows } = await queryJob(context);
    return calling("start the query", context, async (signal) => {
      const client = await this.#client(region);
      const id = await client.start(request, { signal });
      context.log.info("the query is started", { query_execution_id: id });
      return { id, region: client.region, ...rows };
    });
  }

  async get(context: JobContext<JobMeta>): Promise<Resource> {
    const { id, region } = context.meta;
    const status = await calling(`ask for the query ${id}`, context, async (signal) =>
      (await this.#client(region)).status(id, { signal }),
    );
    return jobResource(status, context);
  }

  async delete(context: JobContext<JobMeta>): Promise<void> {
    const { id, region } = context.meta;
    await calling(`stop the query ${id}`, context, async (signal) => {
      try {
        await (await this.#client(region)).stop(id, { signal });
      } catch (error) {
        if (!isUnknownQuery(error)) throw error;
      }
    });
  }

  logLinks({ id, region }: JobMeta): readonly LogLink[] {
    const uri = `https://${consoleHost(region)}/athena/home?region=${region}#/query-editor/history/${id}`;
    return [{ name: "Athena console", uri }];
  }

  endpoint({ region }: JobMeta): string {
    return `athena ${region}`;
  }

  /** The client of a region, made once; a failed attempt is forgotten. */
  #client(region: string | undefined): Promise<AthenaClient> {
    let client = this.#clients.get(region);
    if (client === undefined) {
      if (this.#clients.size >= maxClients) this.#clients.clear();
      client = this.#make(region);
      this.#clients.set(region, client);
      client.catch(() => this.#clients.delete(region));
    }
    return client;
  }
}

/** More than AWS has regions: whoever names others does not fill the memory. */
const maxClients = 64;

/** The console of a region's partition. */
function consoleHost(region: string): string {
  if (region.startsWith("cn-")) return `${region}.console.amazonaws.cn`;
  if (region.startsWith("us-gov-")) return `${region}.console.amazonaws-us-gov.com`;
  return `${region}.console.aws.amazon.com`;
}
