import { FlyteError, retryAfterMs } from "@flyte-ts/core/plugin";
import { networkError } from "../transfer/network-error.ts";

/** The fields of the SDK's errors that say what happened. */
export interface S3Fault {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number | undefined };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

const throttled =
  /^(SlowDown|Throttl|TooManyRequests|RequestLimitExceeded|RequestThrottled|BandwidthLimitExceeded|ProvisionedThroughput)/;
const denied =
  /^(AccessDenied|AllAccessDisabled|InvalidAccessKeyId|InvalidToken|ExpiredToken|SignatureDoesNotMatch|TokenRefreshRequired)/;
const passing =
  /^(RequestTimeout|RequestTimeTooSkewed|InternalError|ServiceUnavailable|OperationAborted|ConditionalRequestConflict|BadDigest|XAmzContentChecksumMismatch|IncompleteBody)/;

/** What an error of the SDK is in our words; `what` is the request, such as `GetObject s3://bucket/key`. */
export function s3Error(error: unknown, what: string, now: number): FlyteError {
  if (FlyteError.is(error)) return error;
  const fault = error as S3Fault;
  const name = fault.name ?? "";
  const status = statusOf(fault);
  const said = `${what}: ${name && name !== "Error" && name !== "Unknown" ? `${name}: ` : ""}${fault.message || status || "no reason was given"}`;
  const options = { cause: error };
  if (name === "CredentialsProviderError") {
    const advice =
      "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or FLYTE_AWS_…), AWS_PROFILE, or give the pod a service account with a role";
    return new FlyteError("PermissionDenied", `${what}: no credentials for S3 were found: ${advice}`, options);
  }
  if (name === "NoSuchBucket") {
    return new FlyteError("NotFound", `${what}: there is no such bucket`, { ...options, reason: "NoSuchContainer" });
  }
  if (name === "PreconditionFailed" || status === 412) {
    return new FlyteError("AlreadyExists", `${what}: there is such an object already`, options);
  }
  // An answer to HEAD names no error; of S3, 503 asks for fewer requests.
  const slow = status === 429 || (status === 503 && (name === "" || name === "Unknown" || /^\d+$/.test(name)));
  if (throttled.test(name) || slow) {
    const wait = retryAfterMs(fault.$response?.headers?.["retry-after"], now);
    return new FlyteError("Throttled", said, { ...options, ...(wait === undefined ? {} : { retryAfterMs: wait }) });
  }
  if (passing.test(name)) return new FlyteError("Unavailable", said, options);
  if (denied.test(name) || status === 401 || status === 403) {
    const reason =
      name === "" || name === "Unknown" || /^\d+$/.test(name) ? "access is denied" : `${name}: ${fault.message}`;
    return new FlyteError("PermissionDenied", `${what}: ${reason}`, options);
  }
  if (name === "NoSuchKey" || name === "NotFound" || name === "NoSuchUpload" || status === 404) {
    return new FlyteError("NotFound", `${what}: there is no such object`, options);
  }
  if (name === "EntityTooLarge") return new FlyteError("TooLarge", said, options);
  if (status !== undefined && status >= 500) return new FlyteError("Unavailable", said, options);
  if (status !== undefined && status >= 300) return new FlyteError("InvalidInput", said, options);
  // A checksum that does not fit is found at the body's end, when there is nothing left that could be read again.
  if (/checksum mismatch/i.test(fault.message ?? "")) return new FlyteError("Internal", said, options);
  // What the SDK finds wrong before it sends anything has no status and no code of the network.
  const connection =
    fault.code !== undefined || name === "TimeoutError" || /connection|socket|stream closed|aborted/i.test(said);
  return connection ? networkError(error, what) : new FlyteError("InvalidInput", said, options);
}

/** The HTTP status of an SDK's error; undefined where there was no answer. */
export function statusOf(fault: S3Fault): number | undefined {
  return fault.$metadata?.httpStatusCode;
}
