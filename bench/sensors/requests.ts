import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { TaskTemplate } from "@flyte-ts/core/plugin";
import { CreateTaskRequestSchema, CreateTaskResponseSchema, GetTaskRequestSchema } from "@flyte-ts/idl/admin";
import { waitForObjectStoreFile } from "@flyte-ts/object-store-sensor";

/** How the tasks of the bench wait: every 30 seconds, for an hour. */
const task = waitForObjectStoreFile({
  name: "bench.sensor",
  pollInterval: 30_000,
  timeout: 3_600_000,
  runsIn: "connector",
});
const template: TaskTemplate = task.template({ project: "p", domain: "d", version: "v", module: "" });

/** The frame of a request that starts the wait of a number, for a path. */
export function waitRequest(number: number, path: string): Buffer {
  const message = create(CreateTaskRequestSchema, {
    template,
    inputs: {
      literals: {
        path: {
          value: {
            case: "scalar",
            value: { value: { case: "primitive", value: { value: { case: "stringValue", value: path } } } },
          },
        },
      },
    },
    outputPrefix: `s3://bucket/metadata/f${number}/n0/data/0`,
    taskExecutionMetadata: {
      taskExecutionId: {
        taskId: { resourceType: 1, project: "p", domain: "d", name: "bench.sensor", version: "v" },
        nodeExecutionId: { nodeId: "n0", executionId: { project: "p", domain: "d", name: `f${number}` } },
      },
    },
  });
  return framed(toBinary(CreateTaskRequestSchema, message));
}

/** The frame of a request that asks for the job of a meta. */
export function askRequest(resourceMeta: Uint8Array): Buffer {
  const message = create(GetTaskRequestSchema, {
    taskType: task.taskType,
    taskCategory: { name: task.taskType },
    resourceMeta,
    outputPrefix: "s3://bucket/metadata/f0/n0/data/0",
  });
  return framed(toBinary(GetTaskRequestSchema, message));
}

/** The meta in a `CreateTaskResponse`. */
export function metaIn(answer: Uint8Array): Uint8Array {
  return fromBinary(CreateTaskResponseSchema, answer).resourceMeta;
}

function framed(bytes: Uint8Array): Buffer {
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([frame, bytes]);
}
