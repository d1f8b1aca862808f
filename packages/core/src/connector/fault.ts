import { FlyteError } from "../errors/flyte-error.ts";

/**
 * What something thrown by a connector means:
 *
 * - `passing`: the vendor's fault, gone in a while;
 * - `unforeseen`: a fault of the connector or of ours; tried again, but not for as long;
 * - `missing`: what was asked for is not there;
 * - `retryable`: this attempt has failed, another may not;
 * - `final`: it failed, and would again.
 */
export type FaultKind = "passing" | "unforeseen" | "missing" | "retryable" | "final";

/** Something thrown, and what it means. */
export interface Fault {
  readonly kind: FaultKind;
  readonly error: FlyteError;
}

/** The codes of Node's errors of connections. */
const connectionCodes: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
]);

/** @param ended whether the call's own signal was aborted, by a deadline or a shutdown. */
export function faultOf(thrown: unknown, ended: boolean): Fault {
  if (!FlyteError.is(thrown)) {
    const name = thrown instanceof Error ? thrown.name : "";
    const passing = ended || name === "AbortError" || name === "TimeoutError" || isConnectionFault(thrown);
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    const error = new FlyteError(passing ? "Unavailable" : "Internal", text, { cause: thrown });
    return { kind: passing ? "passing" : "unforeseen", error };
  }
  const { code, kind, recoverable } = thrown;
  if (ended && (code === "Cancelled" || code === "Timeout")) return { kind: "passing", error: thrown };
  if (code === "NotFound") return { kind: "missing", error: thrown };
  if (kind === "user") return { kind: recoverable ? "retryable" : "final", error: thrown };
  if (!recoverable) return { kind: "final", error: thrown };
  return { kind: code === "Internal" ? "unforeseen" : "passing", error: thrown };
}

function isConnectionFault(thrown: unknown): boolean {
  let at = thrown;
  for (let depth = 0; depth < 4 && typeof at === "object" && at !== null; depth += 1) {
    const { code, cause } = at as { code?: unknown; cause?: unknown };
    if (connectionCodes.has(code)) return true;
    at = cause;
  }
  return false;
}
