import { FlyteError, type TaskRequest } from "@flyte-ts/core/plugin";
import { FieldReader } from "./field-reader.ts";
import { taskRequest } from "./task-request.ts";
import { readTemplateCategory } from "./task-requests.ts";

/** Where it is noted what a call is about. */
export interface CallNotes {
  taskType: string;
  inputBytes: number | undefined;
}

/**
 * The request of v1's `ExecuteTaskSync`: a message with the header, then one with the inputs, which propeller closes the
 * stream behind. A task without inputs may have no second message.
 * @throws FlyteError `InvalidInput` when the header does not come first.
 */
export async function readSyncRequest(requests: AsyncIterable<Uint8Array>, notes: CallNotes): Promise<TaskRequest> {
  // not a loop: leaving one early ends the stream, and with it the answer's way back
  const messages = requests[Symbol.asyncIterator]();
  const first = await messages.next();
  if (first.done === true) {
    throw new FlyteError("InvalidInput", "the stream ended before its header came (header)");
  }
  const { header: bytes } = readPart(first.value);
  if (bytes === undefined) throw new FlyteError("InvalidInput", "the first message has no header (header)");
  const header = readHeader(bytes);
  notes.taskType = readTemplateCategory(header.template ?? noBytes).name;
  const second = await messages.next();
  if (second.done === true) return requestOf(header, undefined);
  const inputs = readPart(second.value).inputs ?? noBytes;
  notes.inputBytes = inputs.length;
  return requestOf(header, inputs);
}

function requestOf(header: Header, inputs: Uint8Array | undefined): TaskRequest {
  const category = readTemplateCategory(header.template ?? noBytes);
  return taskRequest({ ...header, inputs, connection: undefined }, category);
}

interface Header {
  readonly template: Uint8Array | undefined;
  readonly outputPrefix: string;
  readonly metadata: Uint8Array | undefined;
}

/** `CreateRequestHeader`. */
function readHeader(bytes: Uint8Array): Header {
  let template: Uint8Array | undefined;
  let outputPrefix = "";
  let metadata: Uint8Array | undefined;
  for (const reader = new FieldReader(bytes); reader.next(); ) {
    if (reader.field === 1) template = reader.bytes();
    else if (reader.field === 2) outputPrefix = reader.text();
    else if (reader.field === 3) metadata = reader.bytes();
  }
  return { template, outputPrefix, metadata };
}

/** `ExecuteTaskSyncRequest`: one of two. */
function readPart(bytes: Uint8Array): { readonly header?: Uint8Array; readonly inputs?: Uint8Array } {
  let part: { readonly header?: Uint8Array; readonly inputs?: Uint8Array } = {};
  for (const reader = new FieldReader(bytes); reader.next(); ) {
    if (reader.field === 1) part = { header: reader.bytes() };
    else if (reader.field === 2) part = { inputs: reader.bytes() };
  }
  return part;
}

const noBytes: Uint8Array = new Uint8Array();
