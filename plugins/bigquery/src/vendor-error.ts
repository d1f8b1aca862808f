import { FlyteError, type FlyteErrorCode, retryAfterMs } from "@flyte-ts/core/plugin";

/** An error as BigQuery reports it: of a request (`error.errors[0]`) or of a job (`status.errorResult`). */
export interface VendorProblem {
  /** BigQuery's word for it: `invalidQuery`, `quotaExceeded` … Empty where it has none. */
  readonly reason: string;
  readonly message: string;
  /** What it is about: `query`, a field, a table. */
  readonly location?: string | undefined;
}

/**
 * What BigQuery's reasons mean (its page "Error messages"). `Unavailable` and `Throttled` pass; the others come again.
 * `quotaExceeded` is a quota of days or of money, or a free tier at its end, where `rateLimitExceeded` is one of moments.
 */
const reasons: Readonly<Record<string, FlyteErrorCode>> = {
  accessDenied: "PermissionDenied",
  authError: "PermissionDenied",
  backendError: "Unavailable",
  badRequest: "InvalidInput",
  billingNotEnabled: "PermissionDenied",
  billingTierLimitExceeded: "TooLarge",
  blocked: "PermissionDenied",
  bytesBilledLimitExceeded: "TooLarge",
  duplicate: "AlreadyExists",
  forbidden: "PermissionDenied",
  internalError: "Unavailable",
  invalid: "InvalidInput",
  invalidQuery: "InvalidInput",
  invalidUser: "PermissionDenied",
  jobBackendError: "Unavailable",
  jobInternalError: "Unavailable",
  jobRateLimitExceeded: "Throttled",
  notFound: "NotFound",
  notImplemented: "Unsupported",
  quotaExceeded: "TooLarge",
  rateLimitExceeded: "Throttled",
  required: "InvalidInput",
  resourceInUse: "Unavailable",
  resourcesExceeded: "TooLarge",
  responseTooLarge: "TooLarge",
  stopped: "TaskFailed",
  tableUnavailable: "Unavailable",
  timeout: "Timeout",
  userRateLimitExceeded: "Throttled",
};

/** What a status of HTTP means where no reason is given, or one that nobody knows. */
function codeOfStatus(status: number): FlyteErrorCode {
  if (status === 401 || status === 403 || status === 407) return "PermissionDenied";
  if (status === 404) return "NotFound";
  if (status === 409) return "AlreadyExists";
  if (status === 429) return "Throttled";
  if (status === 501) return "Unsupported";
  return status === 408 || status >= 500 ? "Unavailable" : "InvalidInput";
}

/** How a job's end is to be told: a failure that another attempt may not meet, or one that it would. */
export function problemError({ reason, message, location }: VendorProblem, cause?: unknown): FlyteError {
  const code = reasons[reason] ?? "TaskFailed";
  const where = location === undefined || location === "" || message.includes(location) ? "" : `, ${location}`;
  return new FlyteError(code, reason === "" ? message : `${message} (${reason}${where})`, { cause });
}

/** The parts of what the SDK, its authentication and the network throw. */
interface Thrown {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly status?: unknown;
  readonly errors?: unknown;
  readonly type?: unknown;
  readonly response?: { readonly headers?: unknown; readonly status?: unknown; readonly statusCode?: unknown };
}

/**
 * What the SDK threw, as an error of ours. It throws in several shapes: an answer of HTTP that is an error has its status
 * as `code` and the reasons in `errors`; a job that failed while it was created has `errors` and no `code`; the network's
 * errors have Node's codes, and those of authentication a `status` or nothing but their text.
 * @param doing what was asked for, for the message: `start the job flyte-…`.
 * @returns what was thrown, where it is none of these: a fault of the program.
 */
export function vendorError(thrown: unknown, doing: string): unknown {
  if (FlyteError.is(thrown) || typeof thrown !== "object" || thrown === null) return thrown;
  const error = thrown as Thrown;
  const text = plainMessage(error);
  const bad = (code: FlyteErrorCode, message: string, waitMs?: number): FlyteError =>
    new FlyteError(code, `BigQuery: cannot ${doing}: ${message}`, {
      cause: thrown,
      ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    });
  const [problem] = problemsIn(error.errors);
  // An answer that was cut off has a status too, and it is 200.
  const status = [error.code, error.status, error.response?.status, error.response?.statusCode].find(
    (value): value is number => typeof value === "number" && value >= 400,
  );
  if (problem !== undefined) {
    const code = reasons[problem.reason] ?? (status === undefined ? "TaskFailed" : codeOfStatus(status));
    return bad(code, problemError(problem).message, retryAfter(error));
  }
  if (/could not load the default credentials|invalid_grant|invalid_client|unable to detect a project/i.test(text)) {
    return bad(
      "PermissionDenied",
      `${text}; name a secret in config.credentials, or set GOOGLE_APPLICATION_CREDENTIALS`,
    );
  }
  if (status !== undefined) return bad(codeOfStatus(status), `${text} (${status})`, retryAfter(error));
  if (typeof error.code === "string" || error.name === "FetchError" || error.name === "AbortError") {
    return bad("Unavailable", text);
  }
  return thrown;
}

function problemsIn(errors: unknown): readonly VendorProblem[] {
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((item: Partial<VendorProblem> | null) =>
    typeof item?.reason === "string"
      ? [{ reason: item.reason, message: item.message ?? "", location: item.location }]
      : [],
  );
}

/** The message without what the SDK puts around several of them. */
function plainMessage({ message }: Thrown): string {
  return typeof message === "string" && message !== "" ? message.replace(/\s+/g, " ").trim() : "it said nothing";
}

/** What a `Retry-After` header asks for, in milliseconds; headers are an object, or a `Headers`. */
function retryAfter({ response }: Thrown): number | undefined {
  const headers = response?.headers;
  if (typeof headers !== "object" || headers === null) return undefined;
  const value: unknown =
    "get" in headers && typeof headers.get === "function"
      ? headers.get("retry-after")
      : (headers as Readonly<Record<string, unknown>>)["retry-after"];
  return typeof value === "string" ? retryAfterMs(value, Date.now()) : undefined;
}
