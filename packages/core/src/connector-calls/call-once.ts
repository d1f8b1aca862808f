import type { SyncConnector } from "../connector/connector.ts";
import type { CreateContext } from "../connector/connector-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { joinUri } from "../storage/uri.ts";
import { faultOf } from "./fault.ts";
import type { HostParts } from "./host-parts.ts";

/** Below the output prefix: that an attempt's call was begun, by which process and when, and what came of it. */
const names = { begun: "flyte-ts-called", answer: "flyte-ts-answer" } as const;

/** Milliseconds beyond a call's own time after which a process that has begun one is taken to be gone. */
const slack = 10_000;

/** That a call was begun. */
interface Begun {
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** True for a call that may be made again where nobody knows what came of it. What cannot tell may not. */
export function isRepeatable(connector: SyncConnector, context: CreateContext): boolean {
  try {
    return connector.repeatable?.(context) ?? true;
  } catch {
    return false;
  }
}

/**
 * Makes a call that must not be made twice: whoever begins it says so in the store before, and what came of it behind.
 * Where nothing may be written, this process alone knows.
 * @param call gives what is kept, as JSON.
 * @param unknown what is given where the call was begun and nobody knows what came of it.
 * @throws FlyteError `Unavailable` while another process may be at it; the store's passing faults, before the call is made;
 * what `call` throws.
 */
export async function callOnce<R>(
  parts: HostParts,
  { outputPrefix, idempotencyKey: key, signal }: CreateContext,
  { call, unknown }: { readonly call: () => Promise<R>; readonly unknown: () => R },
): Promise<R> {
  const { storage, clock, limits, log, id } = parts;
  if (outputPrefix === "") return call();
  const begun: Begun = { by: id, at: clock.now() };
  try {
    const body = Buffer.from(JSON.stringify(begun));
    await storage.write(joinUri(outputPrefix, names.begun), body, { signal, ifAbsent: true });
  } catch (thrown) {
    const { kind, error } = faultOf(thrown, signal.aborted);
    if (error.code !== "AlreadyExists") {
      if (kind === "passing" || kind === "unforeseen") throw thrown;
      log.warn(`a call may be made twice: ${error.message}`, { key });
      return call();
    }
    const answer = await readJson<R>(parts, joinUri(outputPrefix, names.answer), signal);
    if (answer !== undefined) return answer;
    const other = await readJson<Begun>(parts, joinUri(outputPrefix, names.begun), signal);
    // this process makes one call of an attempt at a time: its own is over
    const isOver = other === undefined || other.by === id || clock.now() - other.at >= limits.callMs + slack;
    if (isOver) return unknown();
    throw new FlyteError("Unavailable", "another process makes this call, and has no answer yet");
  }
  const answer = await call();
  const body = Buffer.from(JSON.stringify(answer));
  await storage.write(joinUri(outputPrefix, names.answer), body, { signal }).catch((error: unknown) => {
    log.warn(`an answer is known to this process alone: ${FlyteError.from(error).message}`, { key });
  });
  return answer;
}

/** What stands in an object; undefined where there is none. */
async function readJson<R>({ storage }: HostParts, uri: string, signal: AbortSignal): Promise<R | undefined> {
  if ((await storage.stat(uri, { signal })) === undefined) return undefined;
  return JSON.parse(Buffer.from(await storage.readBytes(uri, { signal })).toString()) as R;
}
