/**
 * A Flyte task that sends an HTTP request.
 * @module
 */
export {
  type HttpOutput,
  type HttpOutputs,
  HttpTask,
  type HttpTaskOptions,
  httpTask,
} from "./task.ts";
export type { HttpMethod, JsonTemplate, SecretHeader } from "./webhook-config.ts";
