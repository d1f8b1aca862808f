import { Readable } from "node:stream";
import { FlyteError } from "@flyte-ts/core/plugin";
import type { RestAnswer } from "../transfer/rest-request.ts";
import type { ObjectReadAnswer } from "./object-client.ts";

/** What a status says of a read that gives no bytes (RFC 9110, 15.5.13 and 15.5.17); undefined for every other. */
export function refusedRead(status: number | undefined): "past-end" | "changed" | undefined {
  return status === 416 ? "past-end" : status === 412 ? "changed" : undefined;
}

/** A read that was answered over REST; `chunks` where they are not the body as it arrives. */
export function restRead(
  { headers, body }: RestAnswer,
  etag: string | undefined,
  chunks: AsyncIterable<Uint8Array> = body,
): ObjectReadAnswer {
  const length = headers["content-length"];
  return {
    etag,
    size: length === undefined ? undefined : Number(length),
    contentRange: headers["content-range"],
    chunks,
    close: (error) => void body.destroy(error),
  };
}

/**
 * A read that a vendor's SDK answered. @param what names it in messages.
 * @throws FlyteError `Internal` where the SDK gives no stream of Node's.
 */
export function sdkRead(
  body: unknown,
  head: Pick<ObjectReadAnswer, "etag" | "size" | "contentRange">,
  what: string,
): ObjectReadAnswer {
  if (!(body instanceof Readable)) throw new FlyteError("Internal", `${what}: the SDK gave no stream`);
  return { ...head, chunks: body, close: (error) => void body.destroy(error) };
}
