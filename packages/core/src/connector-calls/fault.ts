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

/** Codes that are about the asking, and not about what was asked for. */
const codesOfTheAsking: ReadonlySet<unknown> = new Set(["PermissionDenied", "MissingPackage", "Timeout"]);

/**
 * True where an error says nothing of a job that may be there: nobody could ask for it, for want of a secret or of a
 * permission, and that may change.
 */
export function isOfTheAsking({ missingSecrets }: { readonly missingSecrets: WeakSet<object> }, error: FlyteError) {
  return missingSecrets.has(error) || codesOfTheAsking.has(error.code);
}

/** The codes of connections that never came about: nothing was sent. */
const unconnectedCodes: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/**
 * True where it is certain that a request which failed so came to nothing: it was refused, or never sent. Whatever else a
 * vendor or its client says, a 503 or a deadline of the client's own, the request may still do its work.
 */
export function cameToNothing(thrown: unknown, ended: boolean): boolean {
  const { kind, error } = faultOf(thrown, ended);
  if (error.code === "Throttled" || isConnectionFault(thrown, unconnectedCodes)) return true;
  // a deadline says nothing, and what exists already may be what was asked for
  if (error.code === "Timeout" || error.code === "AlreadyExists") return false;
  return kind === "final" || kind === "retryable" || kind === "missing";
}

function isConnectionFault(thrown: unknown, codes: ReadonlySet<unknown> = connectionCodes): boolean {
  let at = thrown;
  for (let depth = 0; depth < 4 && typeof at === "object" && at !== null; depth += 1) {
    const { code, cause } = at as { code?: unknown; cause?: unknown };
    if (codes.has(code)) return true;
    at = cause;
  }
  return false;
}
