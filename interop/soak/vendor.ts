import { createServer, type ServerResponse } from "node:http";

/** A job, as the vendor has it. */
export interface VendorJob {
  state: "running" | "done" | "cancelled";
  polls: number;
}

/** How a vendor behaves. */
export interface VendorOptions {
  /** How many polls a job takes to its end; 3 unless given. */
  readonly pollsToEnd?: number;
  /** Whether jobs may end yet. */
  readonly mayEnd?: () => boolean;
  /** The share of requests that are answered with 429, 503, or not at all although they were done. */
  readonly faults?: number;
  /** True: jobs that have ended are forgotten, as a long run would fill the memory with them. */
  readonly forget?: boolean;
}

/** A vendor that counts. */
export interface Vendor {
  readonly url: string;
  readonly jobs: ReadonlyMap<string, VendorJob>;
  /** How many jobs there ever were. */
  readonly created: number;
  readonly requests: number;
  close(): void;
}

/** Starts a vendor of jobs: POST makes one (409 where it is there), GET shows it, DELETE cancels it. */
export async function startVendor(options: VendorOptions = {}): Promise<Vendor> {
  const { pollsToEnd = 3, mayEnd = () => true, faults = 0, forget = false } = options;
  const jobs = new Map<string, VendorJob>();
  const counts = { created: 0, requests: 0 };
  const act = (method: string, id: string): readonly [number, object] => {
    const job = jobs.get(id);
    if (method === "POST") {
      if (job !== undefined) return [409, {}];
      counts.created += 1;
      jobs.set(id, { state: "running", polls: 0 });
      return [201, {}];
    }
    if (job === undefined) return [404, {}];
    if (method === "DELETE") {
      if (job.state === "running") job.state = "cancelled";
      return [200, {}];
    }
    job.polls += 1;
    if (job.state === "running" && job.polls >= pollsToEnd && mayEnd()) job.state = "done";
    if (forget && job.state !== "running") setTimeout(() => jobs.delete(id), 60_000).unref();
    return [200, job];
  };
  const server = createServer((request, response) => {
    counts.requests += 1;
    const id = (request.url ?? "").slice("/jobs/".length);
    const kind = Math.random() < faults ? Math.floor(Math.random() * 3) : undefined;
    if (kind === 0) return answer(response, 429, {}, { "retry-after": "1" });
    if (kind === 1) return answer(response, 503, {});
    const [status, body] = act(request.method ?? "GET", id);
    // done, and the answer lost
    if (kind === 2) response.destroy();
    else answer(response, status, body);
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" ? (address?.port ?? 0) : 0);
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    jobs,
    get created() {
      return counts.created;
    },
    get requests() {
      return counts.requests;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
