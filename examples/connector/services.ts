/** Stand-ins for the two services, so that the example needs no network. The real ones are reached through their clients. */

/** How a job of the warehouse is. */
export interface JobStatus {
  readonly state: "RUNNING" | "DONE" | "CANCELLED";
  readonly rows?: number;
}

/** A warehouse that keeps its jobs by the id that the caller chooses, as BigQuery does. */
export class Warehouse {
  readonly jobs = new Map<string, { polls: number; cancelled: boolean; readonly query: string }>();

  /** Starts a job; a second one of the same id is refused. */
  submit(id: string, query: string): "started" | "duplicate" {
    if (this.jobs.has(id)) return "duplicate";
    this.jobs.set(id, { polls: 0, cancelled: false, query });
    return "started";
  }

  /** Undefined for a job that there is not. A job is done when it is asked for the second time. */
  status(id: string): JobStatus | undefined {
    const job = this.jobs.get(id);
    if (job === undefined) return undefined;
    if (job.cancelled) return { state: "CANCELLED" };
    job.polls += 1;
    return job.polls < 2 ? { state: "RUNNING" } : { state: "DONE", rows: job.query.length };
  }

  cancel(id: string): void {
    const job = this.jobs.get(id);
    if (job !== undefined) job.cancelled = true;
  }
}

/** A model that answers at once. */
export async function predict(prompt: string): Promise<string> {
  return prompt.split(" ").reverse().join(" ");
}
