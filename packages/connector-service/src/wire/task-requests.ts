import { FieldReader } from "./field-reader.ts";

/** Which task type a request is about. */
export interface RequestedCategory {
  readonly name: string;
  readonly version: number;
}

/**
 * A `CreateTaskRequest` of v1 or v2, or the header of v1's `ExecuteTaskSync`; what is nested is bytes. v2's `Inputs` are
 * a v1 `LiteralMap` to whoever does not look for their context, and its template adds fields that v1 passes over.
 */
export interface CreateRequestBytes {
  /** `flyteidl.core.LiteralMap`; undefined where there is none. */
  readonly inputs: Uint8Array | undefined;
  /** `flyteidl.core.TaskTemplate`. */
  readonly template: Uint8Array | undefined;
  readonly outputPrefix: string;
  /** `flyteidl.admin.TaskExecutionMetadata`. */
  readonly metadata: Uint8Array | undefined;
  /** `flyteidl2.core.Connection`; v2 only. */
  readonly connection: Uint8Array | undefined;
}

/** A `GetTaskRequest` or `DeleteTaskRequest` of v1 or v2. */
export interface JobRequestBytes {
  readonly category: RequestedCategory;
  readonly resourceMeta: Uint8Array;
  /** Empty for a delete. */
  readonly outputPrefix: string;
  /** `flyteidl2.core.Connection`; v2 only. */
  readonly connection: Uint8Array | undefined;
}

/** @throws FlyteError `InvalidInput` when the bytes are no `CreateTaskRequest`. */
export function readCreateRequest(bytes: Uint8Array): CreateRequestBytes {
  let inputs: Uint8Array | undefined;
  let template: Uint8Array | undefined;
  let outputPrefix = "";
  let metadata: Uint8Array | undefined;
  let connection: Uint8Array | undefined;
  for (const reader = new FieldReader(bytes); reader.next(); ) {
    if (reader.field === 1) inputs = merged(inputs, reader.bytes());
    else if (reader.field === 2) template = merged(template, reader.bytes());
    else if (reader.field === 3) outputPrefix = reader.text();
    else if (reader.field === 4) metadata = merged(metadata, reader.bytes());
    else if (reader.field === 5) connection = merged(connection, reader.bytes());
  }
  return { inputs, template, outputPrefix, metadata, connection };
}

/**
 * Reads both; a delete has no output prefix, v1 no connection, and v2 no `task_type`.
 * @throws FlyteError `InvalidInput` when the bytes are no `GetTaskRequest` or `DeleteTaskRequest`.
 */
export function readJobRequest(bytes: Uint8Array): JobRequestBytes {
  let taskType = "";
  let resourceMeta: Uint8Array = Buffer.alloc(0);
  let name = "";
  let version = 0;
  let outputPrefix = "";
  let connection: Uint8Array | undefined;
  for (const reader = new FieldReader(bytes); reader.next(); ) {
    if (reader.field === 1) taskType = reader.text();
    else if (reader.field === 2) resourceMeta = reader.bytes();
    else if (reader.field === 3) {
      for (const category = reader.nested(); category.next(); ) {
        if (category.field === 1) name = category.text();
        else if (category.field === 2) version = category.int32();
      }
    } else if (reader.field === 4) outputPrefix = reader.text();
    else if (reader.field === 5) connection = merged(connection, reader.bytes());
  }
  return { category: requestedCategory(taskType, { name, version }), resourceMeta, outputPrefix, connection };
}

/**
 * The category of a request: `task_category` where it has a name, else the older `task_type`, without a version.
 */
export function requestedCategory(taskType: string, category: RequestedCategory | undefined): RequestedCategory {
  return category === undefined || category.name === ""
    ? { name: taskType, version: 0 }
    : { name: category.name, version: category.version };
}

/** The type and version that a `TaskTemplate` names. @throws FlyteError `InvalidInput` when the bytes are none. */
export function readTemplateCategory(template: Uint8Array): RequestedCategory {
  let name = "";
  let version = 0;
  for (const reader = new FieldReader(template); reader.next(); ) {
    if (reader.field === 2) name = reader.text();
    else if (reader.field === 7) version = reader.int32();
  }
  return { name, version };
}

/** A nested message that stands twice is one that says both: protobuf merges them, and bytes merge by standing together. */
function merged(before: Uint8Array | undefined, bytes: Uint8Array): Uint8Array {
  return before === undefined ? bytes : Buffer.concat([before, bytes]);
}
