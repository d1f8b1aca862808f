import { FlyteError } from "./flyte-error.ts";

/** The most bytes of UTF-8 that the message part and the trace part may have, the trace's beginning and end being kept. */
const limits = { message: 32 * 1024, trace: 64 * 1024 } as const;

/** How many causes of causes a trace shows. */
const maxCauses = 10;

/**
 * The text of an error in flytekit's layout, which Flyte's console shows as it is:
 *
 *     Trace:
 *
 *         <stack, with the stacks of the causes>
 *
 *     Message:
 *
 *         <type>: <message>
 *
 * At most about 100 kB, whatever the error holds: a stock propeller reads no `error.pb` above 2 MiB.
 */
export function errorText(error: FlyteError): string {
  const root = rootOf(error);
  const message = truncated(`${typeOf(root)}: ${messageOf(root)}`, limits.message);
  return `Trace:\n\n${indented(truncated(traceOf(root), limits.trace))}\n\nMessage:\n\n${indented(message)}`;
}

/** The message and the trace of a text in the layout of `errorText`; any other text is a message. */
export function parseErrorText(text: string): { readonly message: string; readonly trace: string | undefined } {
  const found = /^Trace:\n\n([\s\S]*)\nMessage:\n\n([\s\S]*)$/.exec(text);
  if (found === null) return { message: text.trim(), trace: undefined };
  return { message: dedented(found[2] ?? "").trim(), trace: dedented(found[1] ?? "").trimEnd() };
}

/** What the user's code threw, where we merely wrapped it (our message ends in its own); else the error itself. */
function rootOf(error: FlyteError): unknown {
  const wrapped = error.code === "TaskFailed" || error.code === "Internal";
  const { cause } = error;
  return wrapped && cause instanceof Error && error.message.endsWith(cause.message) ? cause : error;
}

function typeOf(thrown: unknown): string {
  if (FlyteError.is(thrown)) return thrown.code;
  return thrown instanceof Error ? thrown.name : typeof thrown;
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

function traceOf(thrown: unknown): string {
  const parts: string[] = [];
  const seen = new Set<unknown>();
  for (let at = thrown; at !== undefined && !seen.has(at) && parts.length <= maxCauses; ) {
    seen.add(at);
    const stack = at instanceof Error ? (at.stack ?? `${at.name}: ${at.message}`) : String(at);
    parts.push(parts.length === 0 ? stack : `Caused by: ${stack}`);
    at = at instanceof Error ? at.cause : undefined;
  }
  return parts.join("\n");
}

const indented = (text: string): string => text.replace(/^/gm, "    ");

const dedented = (text: string): string => text.replace(/^ {4}/gm, "");

/** `text` in at most `max` bytes of UTF-8 (and a note of what is missing), without its middle where it has more. */
function truncated(text: string, max: number): string {
  const wellFormed = text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, "\uFFFD");
  const bytes = Buffer.from(wellFormed);
  if (bytes.length <= max) return wellFormed;
  const half = Math.floor(max / 2);
  let head = half;
  while (isContinuation(bytes[head])) head -= 1;
  let tail = bytes.length - half;
  while (isContinuation(bytes[tail])) tail += 1;
  return `${bytes.toString("utf8", 0, head)}\n… ${tail - head} bytes left out …\n${bytes.toString("utf8", tail)}`;
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;
