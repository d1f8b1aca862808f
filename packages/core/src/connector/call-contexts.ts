import { FlyteError } from "../errors/flyte-error.ts";
import { toNatives } from "../task/conversion.ts";
import type { AnyType } from "../types/type-transformer.ts";
import { CallSecrets } from "./call-secrets.ts";
import type { AsyncConnector } from "./connector.ts";
import type { Connection, CreateContext, JobContext, TaskCategory } from "./connector-context.ts";
import { withConversion } from "./conversion-place.ts";
import { faultOf, isOfTheAsking } from "./fault.ts";
import type { HostParts } from "./host-parts.ts";
import type { TaskRequest } from "./host-request.ts";
import { type AttemptKeys, attemptKeys } from "./idempotency-key.ts";
import type { LiveCall } from "./live-calls.ts";

/** Where a call belongs. */
interface CallPlace {
  readonly category: TaskCategory;
  readonly outputPrefix: string;
  readonly connection?: Connection | undefined;
}

/** A context, and the secrets that the call sees. */
export interface WithSecrets<Context> {
  readonly context: Context;
  readonly secrets: CallSecrets;
}

function common(parts: HostParts, { category, outputPrefix, connection }: CallPlace, secrets: CallSecrets) {
  const { clock, log, storage, datasets, types } = parts;
  return { category, outputPrefix, connection, secrets, clock, log, storage, datasets, types };
}

/** A request, and the keys of its attempt. */
export interface KeyedRequest extends TaskRequest {
  readonly keys: AttemptKeys;
}

/** The keys of a request's attempt. */
export function keysOf(request: TaskRequest): AttemptKeys {
  const { metadata, attempt, outputPrefix } = request;
  const { project, domain, execution, node } = metadata;
  const { name = "", version = "" } = request.task ?? request.template.id ?? {};
  return attemptKeys({ project, domain, execution, node, task: name, version, attempt, outputPrefix });
}

/** What `create`, `find` and `do` get. */
export function createContext(
  parts: HostParts,
  request: TaskRequest | KeyedRequest,
  call: LiveCall,
): WithSecrets<CreateContext> {
  const { attempt, metadata, connection } = request;
  const secrets = new CallSecrets(parts, connection);
  const context: CreateContext = {
    ...common(parts, request, secrets),
    ...("keys" in request ? request.keys : keysOf(request)),
    // a request may decode them when it is asked
    get template() {
      return request.template;
    },
    get inputs() {
      return request.inputs;
    },
    attempt,
    metadata,
    get signal() {
      return call.signal;
    },
    nativeInputs: () =>
      withConversion(parts, request.outputPrefix, call.signal, (conversion) =>
        toNatives(request.inputs.literals, inputTypes(parts, request), conversion),
      ),
  };
  return { context, secrets };
}

function inputTypes({ types }: HostParts, { template }: TaskRequest): Record<string, AnyType> {
  const entries = Object.entries(template.interface?.inputs?.variables ?? {}).map(([name, { type }]) => {
    if (type === undefined) throw new FlyteError("InvalidInput", `the template's input "${name}" has no type`);
    return [name, types.guess(type)] as const;
  });
  return Object.fromEntries(entries);
}

/** The meta of the job that an attempt has; undefined where it has none, and where the vendor cannot be asked by a key. */
export async function foundJob(
  { missingSecrets }: HostParts,
  connector: AsyncConnector,
  context: CreateContext,
): Promise<unknown> {
  try {
    return (await connector.find?.(context)) ?? undefined;
  } catch (error) {
    // a secret that is not there says nothing of the job
    if (FlyteError.is(error) && error.code === "NotFound" && !missingSecrets.has(error)) return undefined;
    throw error;
  }
}

/**
 * The meta of the job that a request may still come to, or has come to: where none is found, one is started in its place,
 * since the vendor takes no second one under the same key. Undefined where the vendor takes none.
 */
export async function placedJob(
  parts: HostParts,
  connector: AsyncConnector,
  context: CreateContext,
  call: LiveCall,
): Promise<unknown> {
  const found = await foundJob(parts, connector, context);
  if (found !== undefined) return found;
  try {
    return await connector.create(context);
  } catch (thrown) {
    const { kind, error } = faultOf(thrown, call.ended);
    if (kind === "passing" || kind === "unforeseen" || isOfTheAsking(parts, error)) throw thrown;
    return undefined;
  }
}

/** What the calls about a job get. */
export function jobContext<Meta>(
  parts: HostParts,
  place: CallPlace,
  job: { readonly key: string; readonly meta: Meta },
  call: LiveCall,
): WithSecrets<JobContext<Meta>> {
  const secrets = new CallSecrets(parts, place.connection);
  const context: JobContext<Meta> = {
    ...common(parts, place, secrets),
    meta: job.meta,
    idempotencyKey: job.key,
    get signal() {
      return call.signal;
    },
  };
  return { context, secrets };
}
