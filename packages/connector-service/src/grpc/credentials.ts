import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext, type TlsOptions as NodeTls } from "node:tls";
import { FlyteError } from "@flyte-ts/core/plugin";

/** Files in PEM. */
export interface TlsOptions {
  /** The server's certificate, with those between it and an authority. */
  readonly cert: string;
  readonly key: string;
  /** The authorities of clients' certificates: with it, a client without one is refused (mutual TLS). */
  readonly clientCa?: string | undefined;
}

/**
 * What Node's TLS server takes; undefined for none.
 * @throws FlyteError `InvalidInput` for a file that cannot be read, or a key that does not belong to the certificate.
 */
export function serverCredentials(tls: TlsOptions | undefined): NodeTls | undefined {
  if (tls === undefined) return undefined;
  const ca = tls.clientCa === undefined ? undefined : certificates(tls.clientCa, "the clients' authority");
  const pair = { cert: certificates(tls.cert, "the certificate"), key: privateKey(tls.key, tls.cert) };
  const asked = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true };
  try {
    createSecureContext(pair);
  } catch (cause) {
    throw new FlyteError("InvalidInput", `${tls.cert} and ${tls.key} make no TLS server: ${(cause as Error).message}`, {
      cause,
    });
  }
  return { ...pair, ...asked };
}

/**
 * A file of certificates in PEM, as bytes. Node takes one without any for an authority, and then trusts nobody.
 * @param what it is, for the message: `the certificate`.
 * @throws FlyteError `InvalidInput` for a file that cannot be read, and one that holds no certificate.
 */
export function certificates(file: string, what: string): Buffer {
  const bytes = read(file, what);
  try {
    if (!bytes.includes("-----BEGIN ")) throw new Error("no PEM"); // DER is read here, and not by TLS
    new X509Certificate(bytes);
  } catch (cause) {
    throw new FlyteError("InvalidInput", `${what} ${file} ${noPem(bytes, "CERTIFICATE")}`, { cause });
  }
  return bytes;
}

/** @throws FlyteError `InvalidInput` for a file without a key, with one that is encrypted, or with that of another certificate. */
export function privateKey(file: string, certificate: string): Buffer {
  const bytes = read(file, "the certificate's key");
  let key: KeyObject;
  try {
    key = createPrivateKey(bytes);
  } catch (cause) {
    const problem = bytes.includes("ENCRYPTED")
      ? "is encrypted; it must be a key without a passphrase"
      : noPem(bytes, "PRIVATE KEY");
    throw new FlyteError("InvalidInput", `the certificate's key ${file} ${problem}`, { cause });
  }
  if (!new X509Certificate(certificates(certificate, "the certificate")).checkPrivateKey(key)) {
    throw new FlyteError("InvalidInput", `the key ${file} does not belong to the certificate ${certificate}`);
  }
  return bytes;
}

function noPem(bytes: Buffer, label: string): string {
  const found = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(bytes.toString("latin1"))?.[1];
  const instead = found === undefined || found.endsWith(label) ? "" : `; it begins with a ${found}`;
  return `holds no ${label.toLowerCase()} that can be read; it must be PEM, -----BEGIN ${label}-----${instead}`;
}

function read(file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new FlyteError("InvalidInput", `${what} ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
