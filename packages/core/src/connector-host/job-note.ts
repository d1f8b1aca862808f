import type { AsyncConnector } from "../connector/connector.ts";
import { readMeta } from "../connector-calls/checked-meta.ts";
import type { HostParts } from "../connector-calls/host-parts.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { joinUri } from "../storage/uri.ts";
import { decodeEnvelope } from "./job-envelope.ts";
import type { JobState } from "./job-state.ts";

/** Below the output prefix: the bytes that `create` gave, of a job that its vendor cannot be asked for by a key. */
const name = "flyte-ts-job";

/** The milliseconds that a note may take: its job is there already. */
const patience = 3_000;

/** True for a job that is to be noted when it has been started. */
export function isNoted({ connector, outputPrefix }: JobState): boolean {
  return connector.find === undefined && !connector.leavesNothing && outputPrefix !== "";
}

/**
 * Notes a job, where nothing else would lead to it if the answer to `create` were lost: the next attempt deletes it.
 * Without a store it is not noted.
 */
export async function noteJob(parts: HostParts, state: JobState, envelope: Uint8Array): Promise<void> {
  const { outputPrefix, key } = state;
  const uri = joinUri(outputPrefix, name);
  try {
    await parts.call("the store", ({ signal }) => parts.storage.write(uri, envelope, { signal }), patience);
  } catch (error) {
    parts.log.warn(`the next attempt would not know of a job: ${FlyteError.from(error).message}`, { key });
  }
}

/**
 * The meta of a job that was noted; undefined where none was.
 * @throws FlyteError of the store; `InvalidInput` for a note that cannot be read.
 */
export async function notedMeta(
  { storage }: HostParts,
  connector: AsyncConnector,
  outputPrefix: string,
  signal: AbortSignal,
): Promise<unknown> {
  if (connector.leavesNothing || outputPrefix === "") return undefined;
  const uri = joinUri(outputPrefix, name);
  if ((await storage.stat(uri, { signal })) === undefined) return undefined;
  const envelope = decodeEnvelope(await storage.readBytes(uri, { signal }));
  if (envelope.kind !== "job") return undefined;
  return readMeta(connector.meta, connector.name, envelope.meta, envelope.version);
}
