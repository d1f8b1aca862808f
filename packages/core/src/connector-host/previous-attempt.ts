import type { AsyncConnector } from "../connector/connector.ts";
import type { CreateContext } from "../connector/connector-context.ts";
import { isTerminal } from "../connector/phase.ts";
import { createContext, foundJob, jobContext, placedJob } from "../connector-calls/call-contexts.ts";
import { faultOf } from "../connector-calls/fault.ts";
import type { HostParts } from "../connector-calls/host-parts.ts";
import { KeyedRequest } from "../connector-calls/keyed-request.ts";
import type { LiveCall } from "../connector-calls/live-calls.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { notedMeta } from "./job-note.ts";
import type { JobState } from "./job-state.ts";

/**
 * Deletes the job of the attempt before, where it still runs: Flyte asks for no deletion of a job whose `create` it never
 * got an answer to. Its key is computed, since Flyte numbers the folders of the attempts.
 * @throws the vendor's passing faults, and `Internal` where a secret is not there: the attempt starts when it is known that
 * the one before is gone.
 */
export async function removeJobBefore(
  parts: HostParts,
  { connector }: JobState,
  before: KeyedRequest,
  call: LiveCall,
  stateOf: (key: string) => JobState | undefined,
): Promise<void> {
  const { idempotencyKey: key } = before;
  const state = stateOf(key);
  if (state !== undefined) {
    if (state.ended || state.removed || (state.failed !== undefined && !state.unsure)) return;
    // it must not be started any more
    state.deleted = true;
    await state.starting;
  }
  try {
    const { context } = createContext(parts, before, call);
    const meta = state?.job?.meta ?? (await metaOf(parts, connector, context, call, state?.unsure ?? false));
    if (meta === undefined) return;
    const { context: job } = jobContext(parts, before, { key, meta }, call);
    const { phase } = await connector.get(job);
    if (isTerminal(phase)) return;
    await connector.delete(job);
    parts.log.info(`${connector.name}: the job of attempt ${before.attempt} was left behind, and is deleted`, { key });
  } catch (thrown) {
    const { kind, error } = faultOf(thrown, call.ended);
    if (kind === "passing") throw thrown;
    if (parts.missingSecrets.has(error)) throw new FlyteError("Internal", error.message, { cause: error });
    if (kind === "missing") return;
    parts.log.warn(`${connector.name} cannot delete the job of attempt ${before.attempt}: ${error.message}`, { key });
  }
}

/** What may be left of an attempt of which this process does not know the job. */
function metaOf(
  parts: HostParts,
  connector: AsyncConnector,
  context: CreateContext,
  call: LiveCall,
  unsure: boolean,
): Promise<unknown> {
  if (unsure && !connector.leavesNothing) return placedJob(parts, connector, context, call);
  if (connector.find !== undefined) return foundJob(parts, connector, context);
  return notedMeta(parts, connector, context.outputPrefix, call.signal);
}

/**
 * The request of the attempt before, as far as keys need it; undefined for a first attempt, and where the folder is not
 * numbered as the attempt is (from 0 in Flyte v1, from 1 in v2): its neighbour is another task's then.
 */
export function attemptBefore(request: KeyedRequest): KeyedRequest | undefined {
  const { attempt, outputPrefix } = request;
  if (attempt < 1) return undefined;
  const [, folder, number] = /^(.*\/)(\d+)\/*$/.exec(outputPrefix) ?? [];
  if (folder === undefined || ![attempt, attempt + 1].includes(Number(number))) return undefined;
  return new KeyedRequest(request, { attempt: attempt - 1, outputPrefix: `${folder}${Number(number) - 1}` });
}
