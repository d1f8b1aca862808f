import { FlyteError } from "@flyte-ts/core/plugin";
import { type Status, StatusError, status } from "../grpc/status.ts";

/** A call's failure, as it goes out. */
export interface Failure extends Status {
  /** The number of HTTP's that flytekit's metrics have for it. */
  readonly httpCode: number;
}

/** Trailers have a limit, and the message is one. */
const maxMessageLength = 4096;

/**
 * The gRPC status of what a call threw, with no more of it than its message.
 * @param ended why the call was ended from outside, if it was.
 */
export function failureOf(thrown: unknown, operation: string, taskType: string, ended?: FlyteError): Failure {
  if (thrown instanceof StatusError) return failure(thrown.code, thrown.message, 400);
  const error = FlyteError.from(thrown);
  if (error.code === "UnknownTaskType") return failure(status.NOT_FOUND, unknownType(taskType), 404);
  if (error.code === "InvalidInput") return failure(status.INVALID_ARGUMENT, error.message, 400);
  if (error.code === "Unsupported") return failure(status.UNIMPLEMENTED, error.message, 501);
  if (error.code === "NotFound" && operation === "describe") return failure(status.NOT_FOUND, error.message, 404);
  if (ended !== undefined) {
    return ended.code === "Timeout"
      ? failure(status.DEADLINE_EXCEEDED, "the call's deadline passed", 504)
      : failure(status.CANCELLED, "the call was cancelled", 499);
  }
  const about = taskType === "" ? operation : `${operation} ${taskType} task`;
  return failure(status.INTERNAL, `failed to ${about} with error:\n ${error.message}.`, 500);
}

/** The answer to a call without a token that is known here. */
export const unauthenticated: Failure = {
  code: status.UNAUTHENTICATED,
  httpCode: 401,
  message: "the call has no bearer token that is known here: send the header authorization: Bearer TOKEN",
};

/** flytekit's words, which tools look for. */
const unknownType = (taskType: string): string => `Cannot find connector for task type: ${taskType}.`;

const failure = (code: number, message: string, httpCode: number): Failure => ({
  code,
  httpCode,
  message: message.length > maxMessageLength ? `${message.slice(0, maxMessageLength)} […]` : message,
});
