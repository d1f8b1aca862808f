import {
  type Connection,
  type ExecutionMetadata,
  FlyteError,
  LiteralMap,
  type TaskRequest,
  TaskTemplate,
} from "@flyte-ts/core/plugin";
import { readConnection } from "./connection.ts";
import { readDeclaredOutputs } from "./declared-outputs.ts";
import { readAttempt } from "./execution-metadata.ts";
import type { CreateRequestBytes, RequestedCategory } from "./task-requests.ts";

/**
 * A request as connectors get it. Its template and its inputs are decoded when somebody looks at them: for a repeated
 * request nobody does.
 * @throws FlyteError `InvalidInput` for a request without a template, and, here or at the first look, where bytes are
 * no message.
 */
export function taskRequest(bytes: CreateRequestBytes, category: RequestedCategory): TaskRequest {
  const { template } = bytes;
  if (template === undefined || category.name === "") {
    throw new FlyteError("InvalidInput", "the request has no task template with a type (template)");
  }
  return new WireTaskRequest(bytes, template, category);
}

/** A class, so that requests have one hidden class: accessors of an object's own cost one each. */
class WireTaskRequest implements TaskRequest {
  readonly category: RequestedCategory;
  readonly outputPrefix: string;
  readonly attempt: number;
  readonly metadata: ExecutionMetadata;
  readonly task: TaskRequest["task"];
  readonly connection: Connection | undefined;
  readonly declaredOutputs: Readonly<Record<string, string>>;
  /** Bytes or message: what has been decoded lets go of the memory that a connection's frames share. */
  #template: Uint8Array | TaskTemplate;
  #inputs: Uint8Array | LiteralMap;

  constructor(bytes: CreateRequestBytes, template: Uint8Array, category: RequestedCategory) {
    const { metadata, attempt, task } = readAttempt(bytes.metadata ?? noBytes);
    this.category = category;
    this.outputPrefix = bytes.outputPrefix;
    this.attempt = attempt;
    this.metadata = metadata;
    this.task = task;
    this.connection = bytes.connection && readConnection(bytes.connection);
    this.declaredOutputs = readDeclaredOutputs(template);
    this.#template = template;
    this.#inputs = bytes.inputs ?? noBytes;
  }

  get template(): TaskTemplate {
    if (this.#template instanceof Uint8Array) this.#template = TaskTemplate.decode(this.#template);
    return this.#template;
  }

  get inputs(): LiteralMap {
    if (this.#inputs instanceof Uint8Array) this.#inputs = LiteralMap.decode(this.#inputs);
    return this.#inputs;
  }
}

const noBytes: Uint8Array = new Uint8Array();
