import type { Connection, ExecutionMetadata, TaskCategory } from "../connector/connector-context.ts";
import type { LiteralMap, TaskTemplate } from "../wire/messages.ts";
import type { TaskRequest } from "./host-request.ts";
import {
  type AttemptIdentity,
  type AttemptKeys,
  idempotencyKeyOf,
  nodeKeyOf,
  trimmedPrefix,
} from "./idempotency-key.ts";

/** What a request may have instead of its own. */
interface RequestChanges {
  readonly outputPrefix?: string;
  readonly attempt?: number;
  readonly connection?: Connection | undefined;
  readonly keys?: AttemptKeys;
}

/**
 * A request as a host keeps it, with the keys of its attempt: of one class whoever made it, since an object that has each
 * request as its prototype costs a hidden class a job. The given one stays behind it: what nobody asks for is not decoded.
 */
export class KeyedRequest implements TaskRequest {
  readonly category: TaskCategory;
  /** Without a slash at its end. */
  readonly outputPrefix: string;
  readonly attempt: number;
  readonly metadata: ExecutionMetadata;
  readonly task: TaskRequest["task"];
  readonly connection: Connection | undefined;
  readonly declaredOutputs: TaskRequest["declaredOutputs"];
  readonly #given: TaskRequest;
  #idempotencyKey: string | undefined;
  #nodeKey: string | undefined;

  constructor(given: TaskRequest, changes: RequestChanges = none) {
    this.category = given.category;
    this.outputPrefix = trimmedPrefix(changes.outputPrefix ?? given.outputPrefix);
    this.attempt = changes.attempt ?? given.attempt;
    this.metadata = given.metadata;
    this.task = given.task;
    this.connection = changes.connection ?? given.connection;
    this.declaredOutputs = given.declaredOutputs;
    this.#given = given;
    this.#idempotencyKey = changes.keys?.idempotencyKey;
    this.#nodeKey = changes.keys?.nodeKey;
  }

  get template(): TaskTemplate {
    return this.#given.template;
  }

  get inputs(): LiteralMap {
    return this.#given.inputs;
  }

  /** `AttemptKeys.idempotencyKey`. */
  get idempotencyKey(): string {
    this.#idempotencyKey ??= idempotencyKeyOf(this.#identity());
    return this.#idempotencyKey;
  }

  /** `AttemptKeys.nodeKey`; few connectors ask for it. */
  get nodeKey(): string {
    this.#nodeKey ??= nodeKeyOf(this.#identity());
    return this.#nodeKey;
  }

  #identity(): AttemptIdentity {
    const { metadata, attempt, outputPrefix } = this;
    const { project, domain, execution, node } = metadata;
    const { name: task = "", version = "" } = this.task ?? this.template.id ?? {};
    return { project, domain, execution, node, task, version, attempt, outputPrefix };
  }
}

const none: RequestChanges = {};
