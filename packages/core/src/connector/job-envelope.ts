import { FlyteError } from "../errors/flyte-error.ts";
import type { Phase } from "./phase.ts";

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

const encoder = new TextEncoder();

/**
 * The bytes of an envelope: `flyte-ts/1 <key> <JSON>`. They are remembered for as long as the job, so they stand in
 * memory of their own: a small `Buffer` shares 8 kB with others, and would keep all of it.
 */
export function encodeEnvelope({ key, ...rest }: Envelope): Uint8Array {
  return encoder.encode(`${mark}${key} ${JSON.stringify(rest)}`);
}

/**
 * The key in an envelope's bytes.
 * @throws FlyteError `InvalidInput` for bytes that are no envelope.
 */
export function keyOf(bytes: Uint8Array): string {
  const buffer = asBuffer(bytes);
  if (buffer.toString("latin1", 0, mark.length) !== mark)
    throw notOurs(bytes, `it does not begin with "${mark.trim()}"`);
  return buffer.toString("latin1", mark.length, keyEnd);
}

/** @throws FlyteError `InvalidInput` for bytes that are no envelope. */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  const key = keyOf(bytes);
  if (!/^[0-9a-f]{64}$/.test(key)) throw notOurs(bytes, "it has no key");
  try {
    const rest = JSON.parse(asBuffer(bytes).toString("utf8", keyEnd + 1)) as Envelope;
    if (!["job", "pending", "failed"].includes(rest.kind)) throw new Error(`its kind is ${JSON.stringify(rest.kind)}`);
    return { ...rest, key };
  } catch (cause) {
    throw notOurs(bytes, (cause as Error).message, cause);
  }
}

/** True for the same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || Buffer.compare(a, b) === 0;
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function notOurs(bytes: Uint8Array, why: string, cause?: unknown): FlyteError {
  return new FlyteError(
    "InvalidInput",
    `resource_meta (${bytes.byteLength} bytes) was not made by this connector service: ${why}. ` +
      "It must be what CreateTask answered, unchanged",
    { cause },
  );
}
