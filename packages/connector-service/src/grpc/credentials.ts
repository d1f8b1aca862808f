import { readFileSync } from "node:fs";
import { FlyteError } from "@flyte-ts/core/plugin";
import { ServerCredentials } from "@grpc/grpc-js";

/** Files in PEM. */
export interface TlsOptions {
  /** The server's certificate, with those between it and an authority. */
  readonly cert: string;
  readonly key: string;
  /** The authorities of clients' certificates: with it, a client without one is refused (mutual TLS). */
  readonly clientCa?: string | undefined;
}

/** @throws FlyteError `InvalidInput` for a file that cannot be read, or a key that does not belong to the certificate. */
export function serverCredentials(tls: TlsOptions | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const clientCa = tls.clientCa === undefined ? null : read(tls.clientCa, "the clients' authority");
  const pair = { cert_chain: read(tls.cert, "the certificate"), private_key: read(tls.key, "the certificate's key") };
  try {
    return ServerCredentials.createSsl(clientCa, [pair], clientCa !== null);
  } catch (cause) {
    throw new FlyteError("InvalidInput", `${tls.cert} and ${tls.key} make no TLS server: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function read(file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new FlyteError("InvalidInput", `${what} ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
