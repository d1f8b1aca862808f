import {
  type AsyncConnector,
  type CreateContext,
  FlyteError,
  type JobContext,
  type Resource,
} from "@flyte-ts/core/plugin";
import * as v from "valibot";
import type { Warehouse } from "./services.ts";

/** The metadata of a job: what it takes to find it again. */
export interface BigQueryMetadata {
  readonly jobId: string;
}

/**
 * The asynchronous connector of Flyte's tutorial: `create` submits a job, `get` asks for its status, `delete` cancels it.
 * The one thing that is new is the job's id: it is made of the key of the attempt, so that a `create` whose answer was lost
 * comes to the same job when it is repeated.
 */
export class BigQueryConnector implements AsyncConnector<BigQueryMetadata> {
  readonly name = "BigQuery Connector";
  readonly meta = { version: 1, schema: v.object({ jobId: v.string() }) };
  readonly #warehouse: Warehouse;

  constructor(warehouse: Warehouse) {
    this.#warehouse = warehouse;
  }

  async create({ template, idempotencyKey }: CreateContext): Promise<BigQueryMetadata> {
    const query = template.custom?.query;
    if (typeof query !== "string") throw new FlyteError("InvalidInput", "the template's custom has no query");
    const jobId = `flyte-${idempotencyKey}`;
    // "duplicate" says that the job is ours already
    this.#warehouse.submit(jobId, query);
    return { jobId };
  }

  async get({ meta }: JobContext<BigQueryMetadata>): Promise<Resource> {
    const status = this.#warehouse.status(meta.jobId);
    if (status === undefined) throw new FlyteError("NotFound", `there is no job ${meta.jobId}`);
    switch (status.state) {
      case "RUNNING":
        return { phase: "RUNNING" };
      case "CANCELLED":
        return { phase: "ABORTED", message: "the job was cancelled" };
      case "DONE":
        return { phase: "SUCCEEDED", outputs: { rows: status.rows } };
    }
  }

  async delete({ meta }: JobContext<BigQueryMetadata>): Promise<void> {
    this.#warehouse.cancel(meta.jobId);
  }
}
