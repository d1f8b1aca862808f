import type { JsonObject } from "@bufbuild/protobuf";
import type { Connection, ExecutionMetadata, TaskCategory } from "../connector/connector-context.ts";
import type { Phase } from "../connector/phase.ts";
import type { LogLink } from "../connector/resource.ts";
import type { LiteralMap, TaskTemplate } from "../wire/messages.ts";

/** A task to run: `CreateTaskRequest`, or the header and inputs of `ExecuteTaskSync`. */
export interface TaskRequest {
  readonly category: TaskCategory;
  readonly template: TaskTemplate;
  readonly inputs: LiteralMap;
  /** The folder of the attempt's outputs. */
  readonly outputPrefix: string;
  /** As Flyte counts it (`task_execution_id.retry_attempt`), from 0. */
  readonly attempt: number;
  readonly metadata: ExecutionMetadata;
  /** The task's identifier as the execution names it (`task_execution_id.task_id`); the template's own by default. */
  readonly task?: { readonly name: string; readonly version: string } | undefined;
  readonly connection?: Connection | undefined;
  /**
   * The template's declared outputs by name, as protobuf's bytes of their literal types in base64, where they are known
   * without the template: a host then does not look at `template` and `inputs` itself, which may be decoded when somebody
   * does.
   */
  readonly declaredOutputs?: Readonly<Record<string, string>> | undefined;
}

/** A job that `create` has given: `GetTaskRequest`, `DeleteTaskRequest`. */
export interface JobReference {
  readonly category: TaskCategory;
  /** The bytes that `create` gave. */
  readonly resourceMeta: Uint8Array;
  /** As the request says it, if it does; the one that `create` was given is what counts. */
  readonly outputPrefix?: string | undefined;
  readonly connection?: Connection | undefined;
}

/** Who waits for an answer, and how long. */
export interface HostCall {
  /** Aborted when the caller is gone; what is under way for others goes on. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds from now until the caller gives up. */
  readonly deadlineMs?: number | undefined;
}

/** How a job is, as Flyte is told. */
export interface JobAnswer {
  readonly phase: Phase;
  /** Empty where there is nothing to say. */
  readonly message: string;
  readonly logLinks: readonly LogLink[];
  /**
   * With SUCCEEDED, and only for a task that declares outputs: all of these. Left out where they are so big that they
   * were written to `outputs.pb` below the output prefix.
   */
  readonly outputs?: LiteralMap | undefined;
  readonly customInfo?: JsonObject | undefined;
}
