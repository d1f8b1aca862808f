import type { AsyncConnector } from "../connector/connector.ts";
import type { Connection, CreateContext, JobContext, TaskCategory } from "../connector/connector-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { toNatives } from "../types/conversion.ts";
import type { AnyType } from "../types/type-transformer.ts";
import { CallSecrets } from "./call-secrets.ts";
import { withConversion } from "./conversion-place.ts";
import { faultOf, isOfTheAsking } from "./fault.ts";
import type { HostParts } from "./host-parts.ts";
import type { KeyedRequest } from "./keyed-request.ts";
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

const requestOf: unique symbol = Symbol("request");

/**
 * What is made when it is asked for, as properties that a copy by spreading has too. The same functions for all contexts:
 * objects with accessors of their own share no hidden class, and take several times as long to make.
 */
const askedFor = {
  template: accessor(({ template }) => template),
  inputs: accessor(({ inputs }) => inputs),
  nodeKey: accessor(({ nodeKey }) => nodeKey),
} as const;

function accessor<R>(read: (request: KeyedRequest) => R): PropertyDescriptor & ThisType<HostCreateContext> {
  return {
    enumerable: true,
    configurable: true,
    get() {
      return read(this[requestOf]);
    },
  };
}

class HostCreateContext implements CreateContext {
  readonly category: TaskCategory;
  readonly outputPrefix: string;
  readonly connection: Connection | undefined;
  readonly secrets: CallSecrets;
  readonly signal: AbortSignal;
  readonly clock: CreateContext["clock"];
  readonly log: CreateContext["log"];
  readonly storage: CreateContext["storage"];
  readonly datasets: CreateContext["datasets"];
  readonly types: CreateContext["types"];
  readonly idempotencyKey: string;
  readonly attempt: number;
  readonly metadata: CreateContext["metadata"];
  readonly nativeInputs: CreateContext["nativeInputs"];
  readonly [requestOf]: KeyedRequest;
  declare readonly template: CreateContext["template"];
  declare readonly inputs: CreateContext["inputs"];
  declare readonly nodeKey: string;

  constructor(parts: HostParts, request: KeyedRequest, { signal }: LiveCall) {
    this.category = request.category;
    this.outputPrefix = request.outputPrefix;
    this.connection = request.connection;
    this.secrets = new CallSecrets(parts, request.connection);
    this.signal = signal;
    this.clock = parts.clock;
    this.log = parts.log;
    this.storage = parts.storage;
    this.datasets = parts.datasets;
    this.types = parts.types;
    this.idempotencyKey = request.idempotencyKey;
    this.attempt = request.attempt;
    this.metadata = request.metadata;
    this.nativeInputs = () =>
      withConversion(parts, request.outputPrefix, signal, (conversion) =>
        toNatives(request.inputs.literals, inputTypes(parts, request), conversion),
      );
    this[requestOf] = request;
    Object.defineProperty(this, "template", askedFor.template);
    Object.defineProperty(this, "inputs", askedFor.inputs);
    Object.defineProperty(this, "nodeKey", askedFor.nodeKey);
  }
}

/** What `create`, `find` and `do` get. */
export function createContext(parts: HostParts, request: KeyedRequest, call: LiveCall): WithSecrets<CreateContext> {
  const context = new HostCreateContext(parts, request, call);
  return { context, secrets: context.secrets };
}

function inputTypes({ types }: HostParts, { template }: KeyedRequest): Record<string, AnyType> {
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
    category: place.category,
    outputPrefix: place.outputPrefix,
    connection: place.connection,
    secrets,
    signal: call.signal,
    clock: parts.clock,
    log: parts.log,
    storage: parts.storage,
    datasets: parts.datasets,
    types: parts.types,
    meta: job.meta,
    idempotencyKey: job.key,
  };
  return { context, secrets };
}
