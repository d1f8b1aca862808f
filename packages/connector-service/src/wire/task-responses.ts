import { FieldWriter } from "./field-writer.ts";
import { fittingResource } from "./fitting.ts";
import type { Generation, ResourceAnswer } from "./resource-message.ts";

/** `CreateTaskResponse`. */
export const createTaskResponse = (resourceMeta: Uint8Array): Buffer =>
  new FieldWriter().bytes(1, resourceMeta).finish();

/** `DeleteTaskResponse`, which is empty. */
export const deleteTaskResponse: Buffer = Buffer.alloc(0);

/** `GetTaskResponse`; it is kept for as long as the answer is good. */
export const getTaskResponse = (answer: ResourceAnswer, generation: Generation): Buffer =>
  new FieldWriter().message(1, fittingResource(answer, generation)).finishKept();

/** v1's `ExecuteTaskSyncResponse`: propeller reads the first one alone, and the outputs inside its header. */
export const executeTaskSyncResponse = (answer: ResourceAnswer): Buffer =>
  new FieldWriter().message(1, new FieldWriter().message(1, fittingResource(answer, "v1")).finish()).finish();
