import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlyteContext } from "../context/flyte-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { AnyEntity } from "../graph/entity.ts";
import type { Binding, Graph, Node } from "../graph/node.ts";
import { upstreamOf } from "../graph/node.ts";
import type { NodeOutput } from "../graph/node-output.ts";
import { isWorkflow } from "../graph/reachable.ts";
import { toLiterals, toNatives } from "../task/conversion.ts";
import type { ExecutableTask } from "../task/executable-task.ts";
import { at, ownValue } from "../types/collections.ts";
import { itemTypeOf } from "../types/type-form.ts";
import type { AnyType } from "../types/type-transformer.ts";
import { listLiteral, mapLiteral } from "../wire/literals.ts";
import { type Literal, LiteralMap } from "../wire/messages.ts";
import { removeEmptyFolders } from "./empty-folders.ts";
import { literalAt } from "./literal-at.ts";
import { localTaskContext } from "./local-context.ts";

/** What happens to a node, for whoever shows it. */
export interface NodeEvent {
  /** The node's id, with those of the sub-workflows around it: `n0`, `n1.n0`. */
  readonly id: string;
  readonly entity: string;
  readonly phase: "running" | "succeeded" | "failed";
  /** The outputs, once it has succeeded. */
  readonly outputs?: LiteralMap;
  readonly error?: FlyteError;
}

/** Runs one task of a workflow: literals in, literals out, files in the folder that is given. */
export type ExecuteTask = (
  task: ExecutableTask,
  inputs: LiteralMap,
  place: { readonly id: string; readonly directory: string; readonly signal: AbortSignal },
) => Promise<LiteralMap>;

/** How a workflow is run here. */
export interface LocalRunOptions {
  /**
   * The folder of the run; a new one below the system's temporary folder by default. Files that tasks wrote stay in it;
   * a new one without any is removed.
   */
  readonly directory?: string;
  readonly signal?: AbortSignal;
  readonly context?: FlyteContext;
  /** Runs the tasks; in this process by default. */
  readonly execute?: ExecuteTask;
  readonly onEvent?: (event: NodeEvent) => void;
}

/** Runs a workflow here: native values in, native values out. */
export async function runWorkflowHere(
  workflow: AnyEntity & { readonly graph: Graph },
  inputs: Readonly<Record<string, unknown>>,
  options: LocalRunOptions = {},
): Promise<Record<string, unknown>> {
  const { signal, context } = options;
  if (options.directory === undefined) {
    const directory = await mkdtemp(join(tmpdir(), "flyte-ts-"));
    try {
      return await runWorkflowHere(workflow, inputs, { ...options, directory });
    } finally {
      await removeEmptyFolders(directory);
    }
  }
  const { directory } = options;
  const place = {
    task: workflow.name,
    directory,
    ...(signal === undefined ? {} : { signal }),
    ...(context === undefined ? {} : { context }),
  };
  await using conversion = await localTaskContext(place);
  const literals = await toLiterals(inputs, workflow.inputs, conversion, "input");
  const outputs = await runGraph(workflow.graph, literals, { ...options, directory });
  return await toNatives(outputs.literals, workflow.outputs, conversion, "output");
}

/**
 * Runs a graph: every node as soon as those before it are done, values between nodes as literals. The first failure
 * ends the rest.
 * @throws FlyteError of the first node that failed, with the node and task in its message.
 */
export async function runGraph(
  graph: Graph,
  inputs: LiteralMap,
  options: LocalRunOptions & { readonly directory: string },
  path: readonly string[] = [],
): Promise<LiteralMap> {
  const failure = new AbortController();
  const signal = options.signal === undefined ? failure.signal : AbortSignal.any([options.signal, failure.signal]);
  const run = new GraphRun(inputs, { ...options, signal }, path);
  const nodes = graph.nodes.map((node) => run.node(node));
  try {
    await Promise.all(nodes);
  } catch (error) {
    failure.abort(new FlyteError("Cancelled", "another node of the workflow failed", { cause: error }));
    await Promise.allSettled(nodes);
    throw error;
  }
  const outputs = Object.entries(graph.outputs).map(async ([name, { type, binding }]) => {
    return [name, await at(`output ${name}`, () => run.literal(binding, type))] as const;
  });
  return LiteralMap.create({ literals: Object.fromEntries(await Promise.all(outputs)) });
}

class GraphRun {
  readonly #inputs: LiteralMap;
  readonly #options: LocalRunOptions & { readonly directory: string; readonly signal: AbortSignal };
  readonly #path: readonly string[];
  readonly #done = new Map<Node, Promise<LiteralMap>>();

  constructor(
    inputs: LiteralMap,
    options: LocalRunOptions & { readonly directory: string; readonly signal: AbortSignal },
    path: readonly string[],
  ) {
    this.#inputs = inputs;
    this.#options = options;
    this.#path = path;
  }

  /** The node's outputs, once; runs what stands before it first. */
  node(node: Node): Promise<LiteralMap> {
    let done = this.#done.get(node);
    if (done === undefined) {
      done = this.#run(node);
      done.catch(() => {});
      this.#done.set(node, done);
    }
    return done;
  }

  /** The literal that a binding stands for. */
  async literal(binding: Binding, type: AnyType): Promise<Literal> {
    switch (binding.kind) {
      case "output":
        return this.#output(binding.output);
      case "value": {
        const { directory, signal, context = FlyteContext.default() } = this.#options;
        await using conversion = await localTaskContext({ task: "", directory, signal, context });
        return await type.toLiteral(binding.value, conversion);
      }
      case "list":
        return listLiteral(await Promise.all(binding.items.map((item) => this.literal(item, itemTypeOf(type)))));
      case "map": {
        const entries = Object.entries(binding.items).map(
          async ([key, item]) => [key, await this.literal(item, itemTypeOf(type))] as const,
        );
        return mapLiteral(Object.fromEntries(await Promise.all(entries)));
      }
    }
  }

  async #output({ source, variable, path }: NodeOutput<unknown>): Promise<Literal> {
    const literals = source.kind === "node" ? await this.node(source.node) : this.#inputs;
    const literal = ownValue(literals.literals, variable);
    if (literal !== undefined) return literalAt(literal, path);
    throw new FlyteError("ConversionFailed", `there is no value for "${variable}"`);
  }

  async #run(node: Node): Promise<LiteralMap> {
    await Promise.all([...upstreamOf(node)].map((earlier) => this.node(earlier)));
    const { signal, onEvent } = this.#options;
    if (signal.aborted) throw FlyteError.from(signal.reason, "Cancelled");
    const id = [...this.#path, node.id].join(".");
    const event = { id, entity: node.entity.name };
    onEvent?.({ ...event, phase: "running" });
    try {
      const outputs = await this.#execute(node, id);
      onEvent?.({ ...event, phase: "succeeded", outputs });
      return outputs;
    } catch (thrown) {
      const error = inNode(FlyteError.from(thrown), id, node.entity.name);
      onEvent?.({ ...event, phase: "failed", error });
      throw error;
    }
  }

  async #execute(node: Node, id: string): Promise<LiteralMap> {
    const entries = Object.entries(node.bindings).map(async ([name, binding]) => {
      const type = node.entity.inputs[name] as AnyType;
      return [name, await at(`input ${name}`, () => this.literal(binding, type))] as const;
    });
    const inputs = LiteralMap.create({ literals: Object.fromEntries(await Promise.all(entries)) });
    const { directory, signal, context, execute = inProcess(context) } = this.#options;
    const place = join(directory, node.id);
    if (isWorkflow(node.entity)) {
      const path = [...this.#path, node.id];
      return runGraph(node.entity.graph, inputs, { ...this.#options, directory: place }, path);
    }
    return execute(node.entity as never, inputs, { id, directory: place, signal });
  }
}

/** Runs tasks in this process. */
function inProcess(context = FlyteContext.default()): ExecuteTask {
  return async (task, inputs, { directory, signal }) => {
    await using place = await localTaskContext({ task: task.name, directory, signal, context });
    return await task.dispatchExecute(place, inputs);
  };
}

/** Set on errors that name their node: its id. */
const nodeId: unique symbol = Symbol("node id");

/** The error with its node in front; one of a node inside this one has named that already. */
function inNode(error: FlyteError & { readonly [nodeId]?: string }, id: string, entity: string): FlyteError {
  if (error[nodeId]?.startsWith(`${id}.`) === true) return error;
  const { code, kind, recoverable, wireCode, retryAfterMs } = error;
  const named = new FlyteError(code, `node ${id} (${entity}): ${error.message}`, {
    kind,
    recoverable,
    cause: error,
    ...(wireCode === undefined ? {} : { wireCode }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
  return Object.defineProperty(named, nodeId, { value: id });
}
