import type { Phase } from "../connector/phase.ts";
import { FlyteError } from "../errors/flyte-error.ts";

/** What every `resource_meta` of ours holds: whose it is, and what `get` and `delete` are not told again. */
interface EnvelopeCommon {
  /** The idempotency key of the attempt. */
  readonly key: string;
  readonly type: string;
  /** The folder of the attempt's outputs. */
  readonly prefix: string;
  /** The declared outputs by name: protobuf's bytes of their literal types, in base64. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** The vendor has the job. */
export interface JobEnvelope extends EnvelopeCommon {
  readonly kind: "job";
  /** The version of the meta's declaration. */
  readonly version: number;
  readonly meta: unknown;
}

/** The job is still to be started, or nobody knows whether it was. */
export interface PendingEnvelope extends EnvelopeCommon {
  readonly kind: "pending";
  /** What starts the job: a packed request in base64, or where it was written. */
  readonly request: { readonly inline: string } | { readonly uri: string };
  /** Which process says so: what another one has sent to the vendor is not known. */
  readonly by?: string;
}

/** The job cannot be started. */
export interface FailedEnvelope extends EnvelopeCommon {
  readonly kind: "failed";
  readonly phase: Extract<Phase, "FAILED" | "RETRYABLE_FAILED">;
  readonly message: string;
}

/** The content of `resource_meta`. */
export type Envelope = JobEnvelope | PendingEnvelope | FailedEnvelope;

/** Before the key, which stands at a fixed place: a job that is known is found without reading the rest. */
const mark = "flyte-ts/1 ";
const keyEnd = mark.length + 64;

/**
 * An envelope: `flyte-ts/1 <key> <JSON>` in UTF-8, as a text with a character for each byte (Latin-1). A host remembers
 * them so: a text is one object of the heap, and small bytes are three and a piece of memory outside of it.
 */
export function envelopeText(envelope: Envelope): string {
  // what is undefined is not in the JSON: a copy by spreading is several times as fast as one of the rest
  const text = `${mark}${envelope.key} ${JSON.stringify({ ...envelope, key: undefined })}`;
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString("latin1");
}

/** The bytes of an envelope. */
export const encodeEnvelope = (envelope: Envelope): Uint8Array => bytesOf(envelopeText(envelope));

/** The bytes of which a text has one in each character. */
export const bytesOf = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** Bytes as a text with a character for each. */
export const textOf = (bytes: Uint8Array): string => asBuffer(bytes).toString("latin1");

/**
 * The key in an envelope's text.
 * @throws FlyteError `InvalidInput` for what is no envelope.
 */
export function keyOf(text: string): string {
  if (!text.startsWith(mark)) throw notOurs(text.length, `it does not begin with "${mark.trim()}"`);
  return text.slice(mark.length, keyEnd);
}

/** @throws FlyteError `InvalidInput` for bytes that are no envelope. */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  keyOf(textOf(bytes));
  // not a slice of the text, which would stay with it
  const key = asBuffer(bytes).toString("latin1", mark.length, keyEnd);
  if (!/^[0-9a-f]{64}$/.test(key)) throw notOurs(bytes.byteLength, "it has no key");
  try {
    const rest = JSON.parse(asBuffer(bytes).toString("utf8", keyEnd + 1)) as Envelope;
    if (!["job", "pending", "failed"].includes(rest.kind)) throw new Error(`its kind is ${JSON.stringify(rest.kind)}`);
    return { ...rest, key };
  } catch (cause) {
    throw notOurs(bytes.byteLength, (cause as Error).message, cause);
  }
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function notOurs(length: number, why: string, cause?: unknown): FlyteError {
  return new FlyteError(
    "InvalidInput",
    `resource_meta (${length} bytes) was not made by this connector service: ${why}. ` +
      "It must be what CreateTask answered, unchanged",
    { cause },
  );
}
