import type { ExecutionMetadata } from "../connector/connector-context.ts";
import type { TaskRequest } from "../connector-calls/host-request.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { LiteralMap, TaskTemplate } from "../wire/messages.ts";

/** The parts of a request that are JSON as they are. */
type Head = Pick<TaskRequest, "category" | "outputPrefix" | "attempt" | "metadata" | "task">;

const zlib = (): typeof import("node:zlib") => process.getBuiltinModule("node:zlib");

/**
 * A request as bytes, deflated: what starts the job again in another process. Its connection, environment and annotations
 * are left out: people keep secrets there, and these bytes stand in a resource of Kubernetes or beside the outputs.
 */
export function packRequest({
  category,
  outputPrefix,
  attempt,
  metadata: { environment: _, annotations: __, ...metadata },
  task,
  template,
  inputs,
}: TaskRequest): Buffer {
  const head: Head = {
    category,
    outputPrefix,
    attempt,
    metadata: { ...metadata, environment: {}, annotations: {} },
    task,
  };
  const chunks = [Buffer.from(JSON.stringify(head)), TaskTemplate.encode(template), LiteralMap.encode(inputs)];
  const lengths = Buffer.alloc(4 * chunks.length);
  chunks.forEach((chunk, at) => {
    lengths.writeUInt32LE(chunk.byteLength, 4 * at);
  });
  return zlib().deflateRawSync(Buffer.concat([lengths, ...chunks]));
}

/** What a packed request does not have of its own. */
export interface UnpackedParts extends Pick<ExecutionMetadata, "environment" | "annotations"> {
  readonly connection: TaskRequest["connection"];
}

/** What `packRequest` leaves out of a request; undefined where that is nothing. */
export function unpackedParts({ connection, metadata }: TaskRequest): UnpackedParts | undefined {
  const { environment, annotations } = metadata;
  const some = [environment, annotations].some((map) => Object.keys(map).length > 0);
  return connection !== undefined || some ? { environment, annotations, connection } : undefined;
}

/**
 * @param parts what was left out, where this process remembers it.
 * @throws FlyteError `InvalidInput` for bytes that `packRequest` did not make.
 */
export function unpackRequest(bytes: Uint8Array, parts?: UnpackedParts): TaskRequest {
  try {
    const all = zlib().inflateRawSync(bytes);
    let at = 12;
    const [head, template, inputs] = [0, 4, 8].map((place) => {
      const length = all.readUInt32LE(place);
      at += length;
      return all.subarray(at - length, at);
    }) as [Buffer, Buffer, Buffer];
    const { metadata, ...rest } = JSON.parse(head.toString()) as Head;
    return {
      ...rest,
      metadata:
        parts === undefined
          ? metadata
          : { ...metadata, environment: parts.environment, annotations: parts.annotations },
      connection: parts?.connection,
      template: TaskTemplate.decode(template),
      inputs: LiteralMap.decode(inputs),
    };
  } catch (cause) {
    throw new FlyteError("InvalidInput", "the kept request of a job that is to be started is broken", { cause });
  }
}
