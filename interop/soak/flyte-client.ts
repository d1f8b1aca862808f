import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  CreateTaskRequestSchema,
  CreateTaskResponseSchema,
  DeleteTaskRequestSchema,
  GetTaskRequestSchema,
  GetTaskResponseSchema,
} from "@flyte-ts/idl/admin";
import { Client, credentials } from "@grpc/grpc-js";

const category = { name: "soak" };
const asIs = (bytes: Buffer): Buffer => bytes;

/** Calls a connector service as propeller does; every method rejects with grpc-js' ServiceError. */
export class SoakClient {
  readonly #client: Client;
  readonly #prefix: string;

  /** @param prefix the folder of all outputs. */
  constructor(port: number, prefix: string) {
    this.#prefix = prefix;
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      "grpc.enable_http_proxy": 0,
      "grpc.initial_reconnect_backoff_ms": 100,
      "grpc.max_reconnect_backoff_ms": 500,
    });
  }

  /** Starts the job of a task's attempt; gives its meta. */
  async create(task: string, attempt = 0): Promise<Uint8Array> {
    const request: MessageInitShape<typeof CreateTaskRequestSchema> = {
      template: { type: "soak", id: { project: "p", domain: "d", name: "soak", version: "1" }, custom: {} },
      outputPrefix: `${this.#prefix}/${task}/${attempt}`,
      taskExecutionMetadata: {
        taskExecutionId: {
          taskId: { name: "soak", version: "1" },
          nodeExecutionId: { nodeId: "n0", executionId: { project: "p", domain: "d", name: task } },
          retryAttempt: attempt,
        },
      },
    };
    const bytes = await this.#call(
      "CreateTask",
      toBinary(CreateTaskRequestSchema, create(CreateTaskRequestSchema, request)),
    );
    return fromBinary(CreateTaskResponseSchema, bytes).resourceMeta;
  }

  /** The number of the job's phase. */
  async get(resourceMeta: Uint8Array): Promise<number> {
    const request = create(GetTaskRequestSchema, { taskCategory: category, resourceMeta });
    const bytes = await this.#call("GetTask", toBinary(GetTaskRequestSchema, request));
    return fromBinary(GetTaskResponseSchema, bytes).resource?.phase ?? 0;
  }

  async delete(resourceMeta: Uint8Array): Promise<void> {
    const request = create(DeleteTaskRequestSchema, { taskCategory: category, resourceMeta });
    await this.#call("DeleteTask", toBinary(DeleteTaskRequestSchema, request));
  }

  close(): void {
    this.#client.close();
  }

  #call(method: string, request: Uint8Array): Promise<Buffer> {
    const path = `/flyteidl.service.AsyncAgentService/${method}`;
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + 10_000;
      this.#client.makeUnaryRequest(path, asIs, asIs, Buffer.from(request), { deadline }, (error, bytes) =>
        error === null ? resolve(bytes ?? Buffer.alloc(0)) : reject(error),
      );
    });
  }
}
