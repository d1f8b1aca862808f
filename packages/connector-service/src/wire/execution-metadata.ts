import type { ExecutionMetadata } from "@flyte-ts/core/plugin";
import { FieldReader } from "./field-reader.ts";

/** Whose attempt a task is, as `TaskExecutionMetadata` says. */
export interface Attempt {
  readonly metadata: ExecutionMetadata;
  /** `task_execution_id.retry_attempt`. */
  readonly attempt: number;
  /** `task_execution_id.task_id`; undefined where there is none. */
  readonly task: { readonly name: string; readonly version: string } | undefined;
}

/**
 * Reads what propeller and v2's executor fill in of a `TaskExecutionMetadata`: fields 1 to 6 and 11.
 * @throws FlyteError `InvalidInput` when the bytes are none.
 */
export function readAttempt(bytes: Uint8Array): Attempt {
  let id: TaskExecutionId = { project: "", domain: "", execution: "", node: "", attempt: 0, task: undefined };
  let namespace = "";
  let serviceAccount = "";
  let user = "";
  for (const reader = new FieldReader(bytes); reader.next(); ) {
    if (reader.field === 1) id = readId(reader.nested());
    else if (reader.field === 2) namespace = reader.text();
    else if (reader.field === 5) serviceAccount = reader.text();
    else if (reader.field === 11) {
      for (const identity = reader.nested(); identity.next(); ) {
        if (identity.field === 4) user = identity.text();
      }
    }
  }
  const { attempt, task } = id;
  return { metadata: new WireMetadata(bytes, { ...id, namespace, serviceAccount, user }), attempt, task };
}

type Texts = Omit<ExecutionMetadata, "labels" | "annotations" | "environment">;

/**
 * Labels, annotations and environment are read when they are asked for: few connectors look at them, and they are most of
 * what a request says. They are properties of the object's own, so that a copy by spreading has them, with the same
 * functions for all: objects with functions of their own share no hidden class.
 */
class WireMetadata implements ExecutionMetadata {
  static readonly #labels = WireMetadata.#map(3);
  static readonly #annotations = WireMetadata.#map(4);
  static readonly #environment = WireMetadata.#map(6);
  readonly project: string;
  readonly domain: string;
  readonly execution: string;
  readonly node: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly user: string;
  declare readonly labels: ExecutionMetadata["labels"];
  declare readonly annotations: ExecutionMetadata["annotations"];
  declare readonly environment: ExecutionMetadata["environment"];
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, texts: Texts) {
    this.project = texts.project;
    this.domain = texts.domain;
    this.execution = texts.execution;
    this.node = texts.node;
    this.namespace = texts.namespace;
    this.serviceAccount = texts.serviceAccount;
    this.user = texts.user;
    this.#bytes = bytes;
    Object.defineProperty(this, "labels", WireMetadata.#labels);
    Object.defineProperty(this, "annotations", WireMetadata.#annotations);
    Object.defineProperty(this, "environment", WireMetadata.#environment);
  }

  /** A property that reads the map of this field. */
  static #map(field: number): PropertyDescriptor & ThisType<WireMetadata> {
    return {
      enumerable: true,
      get() {
        const map: Record<string, string> = {};
        for (const reader = new FieldReader(this.#bytes); reader.next(); ) {
          if (reader.field === field) readEntry(reader.nested(), map);
        }
        return map;
      },
    };
  }
}

/** Puts an entry of a `map<string, string>` into an object. */
export function readEntry(entry: FieldReader, map: Record<string, string>): void {
  let key = "";
  let value = "";
  while (entry.next()) {
    if (entry.field === 1) key = entry.text();
    else if (entry.field === 2) value = entry.text();
  }
  // `__proto__` is a name like any other
  if (key === "__proto__") {
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  } else map[key] = value;
}

interface TaskExecutionId {
  project: string;
  domain: string;
  execution: string;
  node: string;
  attempt: number;
  task: { readonly name: string; readonly version: string } | undefined;
}

/** `TaskExecutionIdentifier`: the task, and the node with its execution. */
function readId(reader: FieldReader): TaskExecutionId {
  const id: TaskExecutionId = { project: "", domain: "", execution: "", node: "", attempt: 0, task: undefined };
  while (reader.next()) {
    if (reader.field === 1) {
      let name = "";
      let version = "";
      for (const task = reader.nested(); task.next(); ) {
        if (task.field === 4) name = task.text();
        else if (task.field === 5) version = task.text();
      }
      id.task = { name, version };
    } else if (reader.field === 2) {
      for (const node = reader.nested(); node.next(); ) {
        if (node.field === 1) id.node = node.text();
        else if (node.field === 2) {
          for (const execution = node.nested(); execution.next(); ) {
            if (execution.field === 1) id.project = execution.text();
            else if (execution.field === 2) id.domain = execution.text();
            else if (execution.field === 4) id.execution = execution.text();
          }
        }
      }
    } else if (reader.field === 3) id.attempt = reader.int32();
  }
  return id;
}
