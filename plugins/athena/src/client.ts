/** What a query is started with. */
export interface QueryRequest {
  /** 32 to 128 characters. The same token and the same request name the same query, however often they are sent. */
  readonly token: string;
  readonly sql: string;
  /** A literal of SQL for each `?`, in the order of their places; each of 1 to 1,024 characters. */
  readonly parameters: readonly string[];
  readonly database?: string | undefined;
  readonly catalog?: string | undefined;
  readonly workgroup?: string | undefined;
  /** The folder for the result, `s3://…`. */
  readonly outputLocation?: string | undefined;
  readonly reuseMinutes?: number | undefined;
}

/** How a query is (`QueryExecution`). */
export interface QueryStatus {
  readonly state: "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";
  readonly reason?: string | undefined;
  readonly error?:
    | {
        /** 1 for the system, 2 for the user, 3 for others. */
        readonly category?: number | undefined;
        readonly type?: number | undefined;
        readonly retryable?: boolean | undefined;
        readonly message?: string | undefined;
      }
    | undefined;
  /** The result's file, `s3://…/<id>.csv`. */
  readonly outputLocation?: string | undefined;
  readonly workgroup?: string | undefined;
  /** `DML`, `DDL` or `UTILITY`. */
  readonly statementType?: string | undefined;
  readonly scannedBytes?: number | undefined;
  readonly engineMs?: number | undefined;
  readonly queueMs?: number | undefined;
  readonly totalMs?: number | undefined;
  readonly reused?: boolean | undefined;
}

/** Options of every call. */
export interface CallOptions {
  readonly signal: AbortSignal;
}

/** Athena in one region. Nothing is repeated; errors are thrown as the vendor's client makes them. */
export interface AthenaClient {
  /** The region, such as `eu-central-1`. */
  readonly region: string;
  /** @returns the query's id. */
  start(query: QueryRequest, options: CallOptions): Promise<string>;
  status(id: string, options: CallOptions): Promise<QueryStatus>;
  stop(id: string, options: CallOptions): Promise<void>;
}

/** Makes the client of a region; of the process's own for none. */
export type AthenaClients = (region: string | undefined) => Promise<AthenaClient>;

/** Where the SDK finds Athena, unless the process's environment says it. */
export interface SdkOptions {
  /** Such as `http://127.0.0.1:5000`, for an emulator. */
  readonly endpoint?: string;
  /** Overrides the region of every client. */
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/**
 * The clients over `@aws-sdk/client-athena`, which is loaded when one is first made. Credentials, region and endpoint are
 * the process's, as the SDK finds them (`AWS_REGION`, `AWS_ENDPOINT_URL_ATHENA` …). The SDK repeats nothing: the host
 * does, and counts.
 */
export function sdkClients(options: SdkOptions = {}): AthenaClients {
  return async (wanted) => sdkClient({ ...(wanted === undefined ? {} : { region: wanted }), ...options });
}

async function sdkClient(options: SdkOptions): Promise<AthenaClient> {
  const {
    AthenaClient: Sdk,
    GetQueryExecutionCommand,
    StartQueryExecutionCommand,
    StopQueryExecutionCommand,
  } = await import("@aws-sdk/client-athena");
  const sdk = new Sdk({ maxAttempts: 1, ...options });
  const region = await sdk.config.region();
  return {
    region,
    async start({ token, sql, parameters, database, catalog, workgroup, outputLocation, reuseMinutes }, { signal }) {
      const command = new StartQueryExecutionCommand({
        ClientRequestToken: token,
        QueryString: sql,
        ...(parameters.length === 0 ? {} : { ExecutionParameters: [...parameters] }),
        ...(database === undefined && catalog === undefined
          ? {}
          : { QueryExecutionContext: { Database: database, Catalog: catalog } }),
        ...(workgroup === undefined ? {} : { WorkGroup: workgroup }),
        ...(outputLocation === undefined ? {} : { ResultConfiguration: { OutputLocation: outputLocation } }),
        ...(reuseMinutes === undefined
          ? {}
          : {
              ResultReuseConfiguration: {
                ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes: reuseMinutes },
              },
            }),
      });
      const { QueryExecutionId: id } = await sdk.send(command, { abortSignal: signal });
      if (id === undefined) throw new Error("Athena started a query and gave no id");
      return id;
    },
    async status(id, { signal }) {
      const command = new GetQueryExecutionCommand({ QueryExecutionId: id });
      const { QueryExecution: found } = await sdk.send(command, { abortSignal: signal });
      const { Status: status, Statistics: statistics } = found ?? {};
      if (status?.State === undefined) throw new Error(`Athena says nothing of the state of the query ${id}`);
      const { AthenaError: error } = status;
      return {
        state: status.State,
        reason: status.StateChangeReason,
        error: error && {
          category: error.ErrorCategory,
          type: error.ErrorType,
          retryable: error.Retryable,
          message: error.ErrorMessage,
        },
        outputLocation: found?.ResultConfiguration?.OutputLocation,
        workgroup: found?.WorkGroup,
        statementType: found?.StatementType,
        scannedBytes: statistics?.DataScannedInBytes,
        engineMs: statistics?.EngineExecutionTimeInMillis,
        queueMs: statistics?.QueryQueueTimeInMillis,
        totalMs: statistics?.TotalExecutionTimeInMillis,
        reused: statistics?.ResultReuseInformation?.ReusedPreviousResult,
      };
    },
    async stop(id, { signal }) {
      await sdk.send(new StopQueryExecutionCommand({ QueryExecutionId: id }), { abortSignal: signal });
    },
  };
}
