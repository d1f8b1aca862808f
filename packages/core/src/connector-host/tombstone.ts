import { faultOf } from "../connector-calls/fault.ts";
import type { HostParts } from "../connector-calls/host-parts.ts";
import { joinUri } from "../storage/uri.ts";
import type { JobState } from "./job-state.ts";

/** Below the output prefix: the job was deleted before it was started, so that no process starts it any more. */
const name = "flyte-ts-deleted";

/**
 * Says to all processes that a job is not to be started. Where nothing may be written, this one alone knows.
 * @throws the store's passing faults.
 */
export async function writeTombstone(parts: HostParts, state: JobState, signal: AbortSignal): Promise<void> {
  await attempt(parts, state, signal, (uri) => parts.storage.write(uri, Buffer.from(state.key), { signal }));
}

/**
 * True for a job that is not to be started. Where nothing may be read, none is.
 * @throws the store's passing faults: what is not known is no reason to start.
 */
export async function hasTombstone(parts: HostParts, state: JobState, signal: AbortSignal): Promise<boolean> {
  return (await attempt(parts, state, signal, (uri) => parts.storage.stat(uri, { signal }))) !== undefined;
}

async function attempt<R>(
  { log }: HostParts,
  { outputPrefix, key }: JobState,
  signal: AbortSignal,
  run: (uri: string) => Promise<R>,
): Promise<R | undefined> {
  if (outputPrefix === "") return undefined;
  try {
    return await run(joinUri(outputPrefix, name));
  } catch (thrown) {
    const { kind, error } = faultOf(thrown, signal.aborted);
    if (kind === "passing" || kind === "unforeseen") throw thrown;
    log.warn(`a deleted job may be started again by another process: ${error.message}`, { key });
    return undefined;
  }
}
