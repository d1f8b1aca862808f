import { FlyteError } from "@flyte-ts/core/plugin";
import type { credentials as Credentials, ServiceError } from "@grpc/grpc-js";
import { certificates, privateKey } from "../grpc/credentials.ts";
import { status } from "../grpc/status.ts";
import { FieldReader } from "../wire/field-reader.ts";
import { FieldWriter } from "../wire/field-writer.ts";

/** What to ask, and where. */
export interface CheckHealthOptions {
  /** `127.0.0.1:8000` unless given. */
  readonly address?: string | undefined;
  /** Whose health: a service's full name, `connector/<task type>`, `plugin/<package>`; the whole unless given. */
  readonly service?: string | undefined;
  /** Milliseconds; 3,000. */
  readonly timeoutMs?: number | undefined;
  /** The authority of the server's certificate, in PEM; without it, no TLS. */
  readonly ca?: string | undefined;
  /** The client's own certificate and key, where the server asks for one. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** What a service says of its health. */
export type HealthAnswer = "SERVING" | "NOT_SERVING" | "UNKNOWN";

const answers: readonly HealthAnswer[] = ["UNKNOWN", "SERVING", "NOT_SERVING"];

/**
 * Asks a service for its health (`grpc.health.v1`), as probes do.
 * @throws FlyteError `Unavailable` when nothing answers, `NotFound` for a name that is not known there, `InvalidInput`
 * for files of certificates that are none.
 */
export async function checkHealth(options: CheckHealthOptions = {}): Promise<HealthAnswer> {
  const { address = "127.0.0.1:8000", service = "", timeoutMs = 3_000 } = options;
  // a service that only answers does without it
  const grpc = await import("@grpc/grpc-js");
  const client = new grpc.Client(address, channelCredentials(grpc.credentials, options), {
    // a probe talks to the service itself, whatever proxies the environment names
    "grpc.enable_http_proxy": 0,
  });
  const asIs = (bytes: Buffer): Buffer => bytes;
  const request = new FieldWriter().text(1, service).finish();
  try {
    const response = await new Promise<Buffer | undefined>((resolve, reject) => {
      const deadline = Date.now() + timeoutMs;
      client.makeUnaryRequest("/grpc.health.v1.Health/Check", asIs, asIs, request, { deadline }, (error, bytes) =>
        error === null ? resolve(bytes) : reject(error),
      );
    });
    let answer = 0;
    for (const reader = new FieldReader(response ?? Buffer.alloc(0)); reader.next(); ) {
      if (reader.field === 1) answer = reader.int32();
    }
    return answers[answer] ?? "UNKNOWN";
  } catch (cause) {
    const { code, details } = cause as ServiceError;
    if (code === status.NOT_FOUND) throw new FlyteError("NotFound", `${address} knows nothing called "${service}"`);
    throw new FlyteError("Unavailable", `${address} does not say how it is: ${reasonOf(details ?? String(cause))}`, {
      cause,
    });
  } finally {
    client.close();
  }
}

/** The reason alone: gRPC puts what it was about around it, and an empty note behind it. */
function reasonOf(details: string): string {
  return details.replace(/^.*Last error: (?:Error: )?/s, "").replace(/\.? ?Resolution note: *$/, "");
}

function channelCredentials(credentials: typeof Credentials, { ca, cert, key }: CheckHealthOptions) {
  if (ca === undefined && cert === undefined) return credentials.createInsecure();
  if ((cert === undefined) !== (key === undefined)) {
    throw new FlyteError("InvalidInput", "the client's certificate and its key go together");
  }
  return credentials.createSsl(
    ca === undefined ? null : certificates(ca, "the authority"),
    cert === undefined || key === undefined ? null : privateKey(key, cert),
    cert === undefined ? null : certificates(cert, "the certificate"),
  );
}
