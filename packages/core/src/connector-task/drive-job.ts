import type { AsyncConnector, Connector, SyncConnector } from "../connector/connector.ts";
import { ConnectorRegistry } from "../connector/connector-registry.ts";
import { isTerminal } from "../connector/phase.ts";
import { connectorSecrets } from "../connector-calls/call-secrets.ts";
import type { JobAnswer, TaskRequest } from "../connector-calls/host-request.ts";
import { ConnectorHost } from "../connector-host/connector-host.ts";
import type { TaskContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { joinUri } from "../storage/uri.ts";
import { LiteralMap, type TaskTemplate } from "../wire/messages.ts";
import { untilTold } from "./termination.ts";

/** A task, and what it is called with. */
export interface JobRequest {
  readonly template: TaskTemplate;
  readonly inputs: LiteralMap;
}

/** The waits between two questions, in milliseconds: each half as long again as the one before. */
const waits = { first: 100, longest: 5_000, factor: 1.5 } as const;

/**
 * How long faults may last before somebody who waits for the run is told, in milliseconds: credentials that are missing
 * look like a service that is down.
 */
const localPatience = { passingFaultMs: 120_000, unforeseenFaultMs: 30_000 } as const;

/** How long the clean-up may take, in milliseconds. */
const cleanUpMs = 30_000;

/**
 * Runs a job from here to its end: creates it, asks for it, and deletes it when the signal is aborted or the process is
 * told to end. A run that goes on after it was killed finds its job again, where its identity is the same.
 * @throws FlyteError of the job: `TaskFailed`, `Recoverable` for RETRYABLE_FAILED; the signal's reason, `Cancelled`.
 */
export async function driveJob(
  connector: AsyncConnector,
  { template, inputs }: JobRequest,
  context: TaskContext,
): Promise<LiteralMap> {
  const { log } = context;
  const request = requestFor(template, inputs, context);
  const { category, outputPrefix } = request;
  const host = hostFor(connector, category.name, context, { cacheMs: 0 });
  using told = untilTold(context.signal);
  const { signal } = told;
  try {
    signal.throwIfAborted();
    const resourceMeta = await host.create(request, { signal });
    const job = { category, resourceMeta };
    let answer: JobAnswer | undefined;
    try {
      answer = await ended(host, job, signal, context);
    } finally {
      // a job that nobody can ask for any more may still run
      if (answer === undefined || answer.phase === "RETRYABLE_FAILED") {
        await host.delete(job, { deadlineMs: cleanUpMs }).catch((thrown: unknown) => {
          log.error(`the job is left behind: ${FlyteError.from(thrown).message}`, { task: template.id?.name });
        });
      }
    }
    return await outputsOf(answer, template, outputPrefix, context);
  } finally {
    await host.close();
  }
}

/**
 * Calls a connector that answers at once.
 * @throws FlyteError as `driveJob`.
 */
export async function driveSync(
  connector: SyncConnector,
  { template, inputs }: JobRequest,
  context: TaskContext,
): Promise<LiteralMap> {
  const request = requestFor(template, inputs, context);
  const host = hostFor(connector, request.category.name, context, {});
  using told = untilTold(context.signal);
  try {
    told.signal.throwIfAborted();
    const answer = await host.do(request, { signal: told.signal });
    told.signal.throwIfAborted();
    return await outputsOf(answer, template, request.outputPrefix, context);
  } finally {
    await host.close();
  }
}

/** What a connector service would be sent. A type that ends in `-pod` is the one without it, run here. */
function requestFor(template: TaskTemplate, inputs: LiteralMap, { execution, ...context }: TaskContext): TaskRequest {
  const { project, domain, name, attempt, run, node = "" } = execution;
  return {
    category: { name: template.type.replace(/-pod$/, ""), version: template.taskTypeVersion },
    template,
    inputs,
    attempt,
    outputPrefix: execution.outputPrefix ?? joinUri(context.rawOutputPrefix, `job/${attempt}`),
    task: { name: execution.task, version: execution.version },
    metadata: {
      project,
      domain,
      execution: run ?? name,
      node,
      namespace: "",
      labels: {},
      annotations: {},
      serviceAccount: "",
      environment: {},
      user: "",
    },
  };
}

function hostFor(
  connector: Connector,
  taskType: string,
  { storage, datasets, types, clock, log, secrets, execution }: TaskContext,
  limits: { readonly cacheMs?: number },
): ConnectorHost {
  const registry = new ConnectorRegistry();
  registry.register(taskType, connector);
  return new ConnectorHost({
    registry,
    storage,
    datasets,
    types,
    clock,
    log,
    secrets: connectorSecrets(secrets),
    // a pod has its place on a cluster, and nobody before it
    limits: { ...(execution.outputPrefix === undefined ? localPatience : {}), ...limits },
  });
}

/** Asks until the job has ended. */
async function ended(
  host: ConnectorHost,
  job: Parameters<ConnectorHost["get"]>[0],
  signal: AbortSignal,
  { clock, log, execution }: TaskContext,
): Promise<JobAnswer> {
  let shown = false;
  for (let wait: number = waits.first; ; wait = Math.min(wait * waits.factor, waits.longest)) {
    signal.throwIfAborted();
    const answer = await host.get(job, { signal });
    signal.throwIfAborted();
    const [link] = answer.logLinks;
    if (!shown && link !== undefined) log.info(`${execution.task}: ${link.name} ${link.uri}`);
    shown ||= link !== undefined;
    if (isTerminal(answer.phase)) return answer;
    await clock.sleep(wait * (0.8 + Math.random() * 0.4), { signal });
  }
}

async function outputsOf(
  { phase, message, outputs, logLinks }: JobAnswer,
  { interface: declared }: TaskTemplate,
  outputPrefix: string,
  { storage, signal }: TaskContext,
): Promise<LiteralMap> {
  if (phase === "SUCCEEDED") {
    if (outputs !== undefined) return outputs;
    if (Object.keys(declared?.outputs?.variables ?? {}).length === 0) return LiteralMap.create();
    return LiteralMap.decode(await storage.readBytes(joinUri(outputPrefix, "outputs.pb"), { signal }));
  }
  const links = logLinks.map(({ uri }) => uri).join(", ");
  const text = message === "" ? `the job ended as ${phase}` : message;
  throw new FlyteError(
    phase === "RETRYABLE_FAILED" ? "Recoverable" : "TaskFailed",
    links === "" ? text : `${text} (${links})`,
  );
}
