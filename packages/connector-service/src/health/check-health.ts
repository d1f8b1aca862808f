import { connect, type SecureClientSessionOptions } from "node:http2";
import { FlyteError } from "@flyte-ts/core/plugin";
import { certificates, privateKey } from "../grpc/credentials.ts";
import { framed, MessageReader } from "../grpc/message-reader.ts";
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
  const tls = tlsOptions(options);
  try {
    const { grpc, message, body } = await ask(address, tls, service, timeoutMs);
    if (grpc === status.NOT_FOUND) throw new FlyteError("NotFound", `${address} knows nothing called "${service}"`);
    if (grpc !== status.OK) throw new Error(`it answers with the status ${grpc}: ${decodeURIComponent(message)}`);
    let answer = 0;
    const response = new MessageReader(body.length).push(body)[0]?.bytes;
    for (const reader = new FieldReader(response ?? Buffer.alloc(0)); reader.next(); ) {
      if (reader.field === 1) answer = reader.int32();
    }
    return answers[answer] ?? "UNKNOWN";
  } catch (cause) {
    if (FlyteError.is(cause) && cause.code === "NotFound") throw cause;
    const reason = (cause as Error).message;
    throw new FlyteError("Unavailable", `${address} does not say how it is: ${reason}`, { cause });
  }
}

/** How the call ended. */
interface Answer {
  readonly grpc: number;
  /** Percent-encoded. */
  readonly message: string;
  readonly body: Buffer;
}

/** Calls `Check`, on a connection of its own. */
function ask(
  address: string,
  tls: SecureClientSessionOptions | undefined,
  service: string,
  timeoutMs: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const session = connect(`${tls === undefined ? "http" : "https"}://${address}`, tls);
    const end = (then: () => void): void => {
      clearTimeout(late);
      then();
      session.destroy();
    };
    const late = setTimeout(() => end(() => reject(new Error(`no answer within ${timeoutMs} ms`))), timeoutMs);
    const broken = (error: Error): void => end(() => reject(reasonOf(error, tls !== undefined)));
    session.on("error", broken);
    const stream = session.request({
      ":method": "POST",
      ":path": "/grpc.health.v1.Health/Check",
      "content-type": "application/grpc",
      te: "trailers",
    });
    let headers: Readonly<Record<string, unknown>> = {};
    const body: Buffer[] = [];
    stream.on("error", broken);
    stream.on("response", (given) => {
      headers = given;
    });
    stream.on("trailers", (given) => {
      headers = { ...headers, ...given };
    });
    stream.on("data", (piece: Buffer) => body.push(piece));
    stream.on("close", () => {
      const { "grpc-status": grpc, "grpc-message": message = "", ":status": http } = headers;
      const answer = { grpc: Number(grpc), message: String(message), body: Buffer.concat(body) };
      if (grpc !== undefined) end(() => resolve(answer));
      else if (http === undefined) broken(new Error("the connection ended"));
      else broken(new Error(`it answers with the status ${http} of HTTP, as no gRPC service does`));
    });
    stream.end(framed(new FieldWriter().text(1, service).finish()));
  });
}

/** What kept a connection from being one, with what may be behind it. */
function reasonOf(error: Error, secure: boolean): Error {
  const reason = error.cause instanceof Error ? error.cause : error;
  const { code = "" } = reason as NodeJS.ErrnoException;
  const refused = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/.test(code);
  if (secure || refused || reason.message.startsWith("it ")) return reason;
  return new Error(`${reason.message}; it may want TLS (--tls-ca), or be another service's port`, { cause: error });
}

function tlsOptions({ ca, cert, key }: CheckHealthOptions): SecureClientSessionOptions | undefined {
  if (ca === undefined && cert === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    if (cert !== key) throw new FlyteError("InvalidInput", "the client's certificate and its key go together");
    return ca === undefined ? undefined : { ca: certificates(ca, "the authority") };
  }
  return {
    ...(ca === undefined ? {} : { ca: certificates(ca, "the authority") }),
    key: privateKey(key, cert),
    cert: certificates(cert, "the certificate"),
  };
}
