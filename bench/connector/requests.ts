import { create, toBinary } from "@bufbuild/protobuf";
import { CreateTaskRequestSchema, GetTaskRequestSchema } from "@flyte-ts/idl/admin";

/** The task type that both services serve. */
export const taskType = "bench";

/** How many digits tell one request from another; they stand in the execution's name and in the output prefix. */
const digits = 8;
const placeholder = "#".repeat(digits);

/** A message in gRPC's frame, and where its number stands. */
export interface RequestTemplate {
  readonly frame: Buffer;
  readonly places: readonly number[];
}

/** A create request of some 1.5 kB, as propeller sends one for a query. */
export function createRequest(): RequestTemplate {
  const query =
    "select artist.Name, count(*) as albums from Album album join Artist artist on artist.ArtistId = album.ArtistId " +
    "where album.Title like @pattern group by artist.Name having count(*) > @least order by albums desc limit 100";
  const type = (simple: number) => ({ type: { case: "simple" as const, value: simple } });
  const message = create(CreateTaskRequestSchema, {
    template: {
      id: {
        resourceType: 1,
        project: "flytesnacks",
        domain: "development",
        name: "music.albums_by_artist",
        version: "v1",
      },
      type: taskType,
      metadata: {
        runtime: { type: 1, version: "1.16.0", flavor: "python" },
        retries: { retries: 3 },
        discoverable: false,
      },
      interface: {
        inputs: { variables: { pattern: { type: type(3) }, least: { type: type(1) } } },
        outputs: { variables: { results: { type: { type: { case: "structuredDatasetType", value: {} } } } } },
      },
      custom: {
        Location: "EU",
        ProjectID: "music-warehouse",
        Domain: "development",
        QueryJobConfig: "{}",
        dryRun: false,
      },
      target: { case: "sql", value: { statement: query, dialect: 1 } },
      config: { owner: "data-team@example.com" },
    },
    inputs: {
      literals: {
        pattern: {
          value: {
            case: "scalar",
            value: { value: { case: "primitive", value: { value: { case: "stringValue", value: "%live at%" } } } },
          },
        },
        least: {
          value: {
            case: "scalar",
            value: { value: { case: "primitive", value: { value: { case: "integer", value: 3n } } } },
          },
        },
      },
    },
    outputPrefix: `s3://flyte-data/metadata/propeller/flytesnacks-development-f${placeholder}/n0/data/0`,
    taskExecutionMetadata: {
      taskExecutionId: {
        taskId: {
          resourceType: 1,
          project: "flytesnacks",
          domain: "development",
          name: "music.albums_by_artist",
          version: "v1",
        },
        nodeExecutionId: {
          nodeId: "n0",
          executionId: { project: "flytesnacks", domain: "development", name: `f${placeholder}` },
        },
        retryAttempt: 0,
      },
      namespace: "flytesnacks-development",
      labels: {
        domain: "development",
        "execution-id": `f${placeholder}`,
        interruptible: "false",
        "node-id": "n0",
        project: "flytesnacks",
      },
      annotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" },
      k8sServiceAccount: "default",
      environmentVariables: { FLYTE_ENV: "production" },
    },
  });
  return framed(toBinary(CreateTaskRequestSchema, message));
}

/** A get request with the meta of a job. */
export function getRequest(resourceMeta: Uint8Array): Buffer {
  const message = create(GetTaskRequestSchema, {
    taskType,
    taskCategory: { name: taskType },
    resourceMeta,
    outputPrefix: "s3://flyte-data/metadata/propeller/flytesnacks-development-f00000000/n0/data/0",
  });
  return framed(toBinary(GetTaskRequestSchema, message)).frame;
}

/** The request of this number; the same length for all. */
export function numbered({ frame, places }: RequestTemplate, number: number): Buffer {
  const copy = Buffer.from(frame);
  const text = String(number).padStart(digits, "0");
  for (const place of places) copy.write(text, place, "latin1");
  return copy;
}

function framed(message: Uint8Array): RequestTemplate {
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  const places: number[] = [];
  for (let at = frame.indexOf(placeholder); at >= 0; at = frame.indexOf(placeholder, at + 1)) places.push(at);
  return { frame, places };
}
