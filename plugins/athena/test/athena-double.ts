import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { VendorDouble, VendorFault, VendorJob, VendorJobState, VendorOperation } from "@flyte-ts/core/testing";

/** What Athena is sent (StartQueryExecution). */
export interface StartInput {
  readonly ClientRequestToken: string;
  readonly QueryString: string;
  readonly ExecutionParameters?: readonly string[];
  readonly ResultConfiguration?: { readonly OutputLocation?: string };
  readonly ResultReuseConfiguration?: object;
  readonly QueryExecutionContext?: object;
  readonly WorkGroup?: string;
}

interface Query {
  readonly id: string;
  readonly input: StartInput;
  state: VendorJobState;
  message: string | undefined;
}

const operations: Readonly<Record<string, VendorOperation>> = {
  StartQueryExecution: "create",
  GetQueryExecution: "get",
  StopQueryExecution: "delete",
};

/**
 * Athena on loopback, in its wire protocol (awsJson1_1), for the real SDK: it keeps queries, honours client request
 * tokens, and fails on demand.
 */
export class AthenaDouble implements VendorDouble {
  readonly requests = { create: 0, get: 0, delete: 0 };
  readonly tellsRetryAfter = true;
  /** What StartQueryExecution was sent, repetitions too. */
  readonly started: StartInput[] = [];
  /** What queries that end have beside their state. */
  details: { readonly statistics?: object; readonly error?: object } = {};
  readonly #server: Server;
  readonly #queries = new Map<string, Query>();
  #faults: { fault: VendorFault; left: number }[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error) => response.destroy(error));
    });
  }

  /** Starts one on a free port. */
  static async start(): Promise<AthenaDouble> {
    const double = new AthenaDouble();
    await new Promise<void>((resolve) => double.#server.listen(0, "127.0.0.1", resolve));
    return double;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  jobs(): readonly VendorJob[] {
    return [...this.#queries.values()].map(({ input, state }) => ({ key: input.ClientRequestToken, state }));
  }

  fault(fault: VendorFault): void {
    this.#faults.push({ fault, left: fault.times });
  }

  mend(): void {
    this.#faults = [];
  }

  set(key: string, state: VendorJobState, message?: string): void {
    const query = this.#queries.get(key);
    if (query === undefined) throw new Error(`there is no query with the token ${key}`);
    query.state = state;
    query.message = message;
  }

  vanish(key: string): void {
    this.#queries.delete(key);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
    const operation = operations[name];
    if (operation === undefined) return refuse(response, 400, "UnknownOperationException", name);
    this.requests[operation]++;
    const body = JSON.parse((await request.setEncoding("utf8").toArray()).join(""));
    const found = this.#faults.find(({ fault, left }) => fault.on === operation && left > 0);
    if (found !== undefined) {
      found.left--;
      const { kind, message = "", retryAfterMs } = found.fault;
      if (kind === "unavailable") return refuse(response, 500, "InternalServerException", "internal");
      if (kind === "throttle") return refuse(response, 400, "TooManyRequestsException", "Rate exceeded", retryAfterMs);
      if (kind === "reject") return refuse(response, 400, "InvalidRequestException", message);
      if (kind === "refuse") return refuse(response, 400, "AccessDeniedException", message);
      this.#carryOut(operation, body);
      if (kind === "lose") response.destroy();
      return;
    }
    const result = this.#carryOut(operation, body);
    if (typeof result === "string") return refuse(response, 400, "InvalidRequestException", result);
    response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(result));
  }

  /** The answer, or what is wrong with the request. */
  #carryOut(operation: VendorOperation, body: StartInput & { readonly QueryExecutionId: string }): object | string {
    if (operation === "create") return this.#start(body);
    const query = [...this.#queries.values()].find(({ id }) => id === body.QueryExecutionId);
    if (query === undefined) return `QueryExecution ${body.QueryExecutionId} was not found`;
    if (operation === "get") return { QueryExecution: this.#execution(query) };
    if (query.state === "queued" || query.state === "running") query.state = "cancelled";
    return {};
  }

  #start(input: StartInput): object | string {
    this.started.push(input);
    const { length } = input.ClientRequestToken;
    if (length < 32 || length > 128) return "clientRequestToken must have length between 32 and 128";
    const known = this.#queries.get(input.ClientRequestToken);
    if (known !== undefined && JSON.stringify(known.input) !== JSON.stringify(input)) {
      return "Idempotent parameters do not match";
    }
    const query = known ?? { id: randomUUID(), input, state: "queued", message: undefined };
    this.#queries.set(input.ClientRequestToken, query);
    return { QueryExecutionId: query.id };
  }

  #execution({ id, input, state, message }: Query): object {
    return {
      QueryExecutionId: id,
      Query: input.QueryString,
      StatementType: "DML",
      WorkGroup: input.WorkGroup ?? "primary",
      ResultConfiguration: { OutputLocation: `${input.ResultConfiguration?.OutputLocation ?? "s3://wg/"}${id}.csv` },
      Status: {
        State: state.toUpperCase(),
        ...(message === undefined ? {} : { StateChangeReason: message }),
        ...(this.details.error === undefined ? {} : { AthenaError: this.details.error }),
      },
      Statistics: this.details.statistics ?? {},
    };
  }
}

function refuse(response: ServerResponse, status: number, type: string, message: string, retryAfterMs?: number): void {
  const wait = retryAfterMs === undefined ? {} : { "retry-after": String(Math.ceil(retryAfterMs / 1000)) };
  response
    .writeHead(status, { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": type, ...wait })
    .end(JSON.stringify({ __type: type, message }));
}
