import { FlyteError } from "@flyte-ts/core/plugin";

/** Codes of Node's TLS errors that say: the certificate is not accepted. A repetition cannot help. */
const certificate = /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA|CRL_)/;

/** What a failed connection or a broken body is in our words. Errors that are ours already pass. */
export function networkError(error: unknown, what: string): FlyteError {
  if (FlyteError.is(error)) return error;
  const { code = "", message = String(error) } = error as { code?: string; message?: string };
  if (certificate.test(code)) {
    const advice = "NODE_EXTRA_CA_CERTS names a file with further authorities";
    return new FlyteError("PermissionDenied", `${what}: the server's certificate is not trusted (${code}); ${advice}`, {
      cause: error,
    });
  }
  return new FlyteError("Unavailable", `${what}: ${message || code || "the connection failed"}`, { cause: error });
}
