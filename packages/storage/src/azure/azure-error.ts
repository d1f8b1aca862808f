import { FlyteError, retryAfterMs } from "@flyte-ts/core/plugin";
import { networkError } from "../transfer/network-error.ts";

/** The fields of the SDK's errors that say what happened. */
export interface AzureFault {
  readonly name?: string;
  readonly message?: string;
  /** Azure's name of it, such as `BlobNotFound`; for what never was answered a code of the network or the SDK. */
  readonly code?: string;
  readonly statusCode?: number;
  readonly response?: { readonly headers?: { get(name: string): string | undefined } };
}

const throttled = /^(ServerBusy|TooManyRequests|IngressLimit|EgressLimit|OperationsPerSecond)/;
const noContainer = /^(ContainerNotFound|ContainerDisabled|FilesystemNotFound)$/;
const passing =
  /^(OperationTimedOut|InternalError|ContainerBeingDeleted|AccountBeingCreated|Md5Mismatch|BlobBeingRehydrated)/;
const taken = /^(BlobAlreadyExists|ConditionNotMet|TargetConditionNotMet)$/;

/** What an error of the SDK is in our words; `what` is the request, such as `GetBlob abfs://container/key`. */
export function azureError(error: unknown, what: string, now: number): FlyteError {
  if (FlyteError.is(error)) return error;
  const fault = error as AzureFault;
  const { name = "", message = "", statusCode: status } = fault;
  const code = codeOf(fault);
  const first = message.split("\n", 1)[0] || status || "no reason was given";
  const said = `${what}: ${code === "" || message.startsWith(code) ? "" : `${code}: `}${first}`;
  const wait = retryAfterMs(fault.response?.headers?.get("retry-after"), now);
  const options = { cause: error, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
  if (/^(CredentialUnavailableError|AggregateAuthenticationError)$/.test(name)) {
    const advice = "set FLYTE_AZURE_STORAGE_ACCOUNT_KEY or AZURE_CLIENT_ID, or give the pod a workload identity";
    return new FlyteError("PermissionDenied", `${what}: no credentials for Azure were found: ${advice}`, options);
  }
  if (throttled.test(code) || status === 429) return new FlyteError("Throttled", said, options);
  if (passing.test(code)) return new FlyteError("Unavailable", said, options);
  if (noContainer.test(code)) {
    return new FlyteError("NotFound", `${what}: there is no such container`, { ...options, reason: "NoSuchContainer" });
  }
  if (status === 404) return new FlyteError("NotFound", `${what}: there is no such object`, options);
  if (status === 401 || status === 403 || name === "AuthenticationError") {
    return new FlyteError("PermissionDenied", said, options);
  }
  if ((status === 409 || status === 412) && taken.test(code)) {
    return new FlyteError("AlreadyExists", `${what}: there is such an object already`, options);
  }
  if (status === 413) return new FlyteError("TooLarge", said, options);
  if (status !== undefined && (status >= 500 || status === 408)) return new FlyteError("Unavailable", said, options);
  if (status !== undefined && status >= 300) return new FlyteError("InvalidInput", said, options);
  // The SDK gives no token to a server that it cannot be sure of.
  if (/non-TLS/.test(message)) return new FlyteError("InvalidInput", said, options);
  return networkError(error, what);
}

/** Azure's name of an error; HEAD is answered without a body, but often with a header. */
export function codeOf({ code, response }: AzureFault): string {
  return response?.headers?.get("x-ms-error-code") ?? code ?? "";
}
