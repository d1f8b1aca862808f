import { FlyteError, type FlyteErrorOptions, retryAfterMs } from "@flyte-ts/core/plugin";

/** What of an error of the AWS SDK is looked at. */
interface AwsError {
  readonly name?: string;
  /** Node's, of connections and modules. */
  readonly code?: unknown;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> };
}

const throttling = /^(?:TooManyRequestsException|Throttl\w*|RequestLimitExceeded|RequestThrottled\w*|SlowDown)$/;
const denied = /^(?:AccessDenied\w*|UnauthorizedOperation|UnrecognizedClientException|InvalidSignatureException)$/;
/** Credentials that are renewed from outside, or will be. */
const credentials = /^(?:ExpiredToken\w*|CredentialsProviderError|TokenProviderError)$/;

/** True for the answer about a query that Athena does not know, or no longer (it keeps them for 45 days). */
export function isUnknownQuery(thrown: unknown): boolean {
  const { name, message = "" } = thrown as AwsError;
  return name === "InvalidRequestException" && /was not found/i.test(message);
}

/** What was thrown by a call to Athena, as the host understands it. @param doing such as `start the query`. */
export function vendorError(thrown: unknown, doing: string): FlyteError {
  if (FlyteError.is(thrown)) return thrown;
  const error = thrown as AwsError;
  const { name = "", message = String(thrown) } = error;
  const status = error.$response?.statusCode ?? error.$metadata?.httpStatusCode;
  const text = `Athena: cannot ${doing}: ${name === "" || name === "Error" ? "" : `${name}: `}${message}`;
  const made = (code: FlyteError["code"], options: FlyteErrorOptions = {}): FlyteError =>
    new FlyteError(code, text, { ...options, cause: thrown });
  if (message === "Region is missing") {
    // the SDK's, before it has asked anything: no second try finds one
    return new FlyteError(
      "InvalidInput",
      `Athena: cannot ${doing}: no region; name it in config.region or AWS_REGION`,
      {
        cause: thrown,
      },
    );
  }
  if (throttling.test(name) || status === 429) return made("Throttled", retryAfter(error));
  if (isUnknownQuery(thrown)) return made("NotFound");
  if (credentials.test(name)) return made("Unavailable");
  if (denied.test(name) || status === 401 || status === 403) return made("PermissionDenied");
  if (name === "InvalidRequestException" && /idempotent parameters do not match/i.test(message)) {
    return made("AlreadyExists");
  }
  if (status !== undefined && status >= 500) return made("Unavailable", retryAfter(error));
  if (/Exception$/.test(name) && name !== "InternalServerException" && name !== "InternalFailureException") {
    return made("InvalidInput");
  }
  if (error.code === "ERR_MODULE_NOT_FOUND") return made("MissingPackage");
  // What the SDK could not read was half an answer; what has neither an answer nor a code is a fault of ours.
  const answered = status !== undefined || error.$metadata !== undefined || /Exception$/.test(name);
  return made(answered || name === "TimeoutError" || typeof error.code === "string" ? "Unavailable" : "Internal");
}

function retryAfter({ $response }: AwsError): FlyteErrorOptions {
  const ms = retryAfterMs($response?.headers?.["retry-after"], Date.now());
  return ms === undefined ? {} : { retryAfterMs: ms };
}
