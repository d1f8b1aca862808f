import { NodeOutput } from "@flyte-ts/core";
import {
  type AnyEntity,
  type ExecutableTask,
  type ExecuteTask,
  FlyteError,
  type GateHandler,
  type Graph,
  isLaunchPlan,
  isReference,
  isTask,
  isWorkflow,
  type LiteralMap,
  localTaskContext,
  type Node,
  type NodeEvent,
  runAttempts,
  runGraph,
} from "@flyte-ts/core/plugin";
import { inProcess } from "./in-process.ts";

/** How an entity is run. */
export interface RunEntityOptions {
  /** The folder of the run. */
  readonly directory: string;
  readonly signal: AbortSignal;
  /** Runs the tasks; in this process without it. */
  readonly execute?: ExecuteTask | undefined;
  readonly onEvent: (event: NodeEvent) => void;
  /** Who decides at gates. */
  readonly gates: GateHandler;
}

/**
 * Runs a workflow, a launch plan's workflow or a task on literals. A task alone is told of as a node of its own name.
 * @throws FlyteError of what failed.
 */
export async function runEntity(
  entity: AnyEntity,
  inputs: LiteralMap,
  { directory, signal, execute = inProcess, onEvent, gates }: RunEntityOptions,
): Promise<LiteralMap> {
  if (isWorkflow(entity)) return runGraph(entity.graph, inputs, { directory, signal, execute, onEvent, gates });
  if (isLaunchPlan(entity)) {
    await using context = await localTaskContext({ task: entity.name, directory, signal });
    const all = await entity.withFixed(inputs, context);
    return await runEntity(entity.workflow, all, { directory, signal, execute, onEvent, gates });
  }
  if (isReference(entity)) {
    const { kind, project, domain, version } = entity.reference;
    const place = `is registered in ${project}/${domain} as version ${version}`;
    throw new FlyteError("Unsupported", `the ${kind} ${entity.name} ${place} and cannot run here`);
  }
  if (execute !== inProcess && runsOthers(entity)) {
    return runGraph(alone(entity), inputs, { directory, signal, execute, onEvent, gates });
  }
  const event = { id: entity.name, entity: entity.name };
  onEvent({ ...event, phase: "running" });
  try {
    const outputs = await runAttempts(executable(entity), isTask(entity) ? entity.options : {}, inputs, {
      signal,
      options: {},
      execute: (task, literals, _part, attempt) =>
        execute(task, literals, {
          id: entity.name,
          directory,
          signal: attempt?.signal ?? signal,
          attempt: attempt?.number ?? 0,
        }),
    });
    onEvent({ ...event, phase: "succeeded", outputs });
    return outputs;
  } catch (thrown) {
    const error = inTask(FlyteError.from(thrown), entity.name);
    onEvent({ ...event, phase: "failed", error });
    throw error;
  }
}

/** True for a task that has no container of its own here: a map task's elements and a dynamic task's calls have. */
const runsOthers = (entity: AnyEntity): boolean => "mapping" in entity || "dispatchDynamic" in entity;

/** A graph of one node, whose inputs and outputs are the graph's. */
function alone(entity: AnyEntity): Graph {
  const bound = (source: NodeOutput<unknown>["source"], types: AnyEntity["inputs"]) =>
    Object.entries(types).map(([name, type]) => {
      return [name, { type, binding: { kind: "output", output: new NodeOutput(source, name, type) } }] as const;
    });
  const bindings = bound({ kind: "input" }, entity.inputs).map(([name, { binding }]) => [name, binding] as const);
  const node: Node = { id: entity.name, entity, bindings: Object.fromEntries(bindings), after: new Set() };
  return { nodes: [node], outputs: Object.fromEntries(bound({ kind: "node", node }, entity.outputs)) };
}

/** The error with the task's name in its message, as those of a workflow's nodes have theirs. */
function inTask(error: FlyteError, task: string): FlyteError {
  if (error.message.startsWith(`task ${task}`)) return error;
  const { code, kind, recoverable, wireCode } = error;
  return new FlyteError(code, `task ${task}: ${error.message}`, {
    kind,
    recoverable,
    cause: error,
    ...(wireCode === undefined ? {} : { wireCode }),
  });
}

function executable(entity: AnyEntity): ExecutableTask {
  if ("dispatchExecute" in entity && "taskType" in entity) return entity as AnyEntity & ExecutableTask;
  throw new FlyteError("Unsupported", `${entity.name} cannot be run here`);
}
