import { type Generation, type ResourceAnswer, resourceMessage } from "./resource-message.ts";

/**
 * The most bytes of an answer: what gRPC's Go client takes is 4 MiB. Flyte counts six failed answers for a job's whole
 * life, and an answer that is too long fails each time.
 */
export const maxAnswerBytes: number = 4 * 2 ** 20 - 1024;

/** The longest message that is sent on. */
const maxMessageLength = 64 * 1024;

/**
 * The bytes of a `Resource` that is no longer than `limit`: first without its custom info and with a shorter message,
 * then, as what remains are outputs, as a failure that says so.
 */
export function fittingResource(
  answer: ResourceAnswer,
  generation: Generation,
  limit: number = maxAnswerBytes,
): Buffer {
  const whole = resourceMessage(answer, generation);
  if (whole.length <= limit) return whole;
  const { customInfo: _left, message = "", logLinks = [], ...rest } = answer;
  const shorter = {
    ...rest,
    message: message.length > maxMessageLength ? `${message.slice(0, maxMessageLength)} […]` : message,
    logLinks: logLinks.slice(0, 20),
  };
  const less = resourceMessage(shorter, generation);
  if (less.length <= limit) return less;
  const why = `the connector's answer has ${whole.length} bytes, and Flyte takes ${limit}: let it write its outputs to the output prefix`;
  return resourceMessage({ phase: "FAILED", message: why }, generation);
}
