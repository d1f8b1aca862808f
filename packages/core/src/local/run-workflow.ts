import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlyteContext } from "../context/flyte-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { AnyEntity } from "../graph/entity.ts";
import { errorInput } from "../graph/failure-handler.ts";
import type { Binding, Graph, Node } from "../graph/node.ts";
import { upstreamOf } from "../graph/node.ts";
import { NodeOutput } from "../graph/node-output.ts";
import { uniqueName } from "../storage/unique-name.ts";
import { at, ownValue } from "../types/collections.ts";
import { toLiterals, toNatives } from "../types/conversion.ts";
import { itemTypeOf } from "../types/type-form.ts";
import type { AnyType } from "../types/type-transformer.ts";
import { errorLiteral, listLiteral, mapLiteral } from "../wire/literals.ts";
import { type Literal, LiteralMap } from "../wire/messages.ts";
import { removeEmptyFolders } from "./empty-folders.ts";
import { literalAt } from "./literal-at.ts";
import { localTaskContext } from "./local-context.ts";
import type { ExecuteTask, LocalRunOptions } from "./local-run.ts";
import { withPlace } from "./with-place.ts";

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
  const { directory, run = uniqueName() } = options;
  const place = {
    task: workflow.name,
    directory,
    ...(signal === undefined ? {} : { signal }),
    ...(context === undefined ? {} : { context }),
  };
  await using conversion = await localTaskContext(place);
  const literals = await toLiterals(inputs, workflow.inputs, conversion, "input");
  const outputs = await runGraph(workflow.graph, literals, { ...options, directory, run });
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
    if (graph.failurePolicy !== "fail-after-executable-nodes-complete") {
      failure.abort(new FlyteError("Cancelled", "another node of the workflow failed", { cause: error }));
    }
    await Promise.allSettled(nodes);
    if (options.signal?.aborted !== true) await handleFailure(graph, inputs, FlyteError.from(error), options, path);
    throw error;
  }
  const outputs = Object.entries(graph.outputs).map(async ([name, { type, binding }]) => {
    return [name, await at(`output ${name}`, () => run.literal(binding, type))] as const;
  });
  return LiteralMap.create({ literals: Object.fromEntries(await Promise.all(outputs)) });
}

/**
 * Runs the failure handler of a graph on the workflow's inputs and, where it asks for `err`, what went wrong. That it
 * fails itself is told by its event, and logged; the workflow's own error stays the result.
 */
async function handleFailure(
  { failure }: Graph,
  inputs: LiteralMap,
  error: FlyteError,
  options: LocalRunOptions & { readonly directory: string },
  path: readonly string[],
): Promise<void> {
  if (failure === undefined) return;
  const type = failure.entity.inputs[errorInput];
  const literals = { ...inputs.literals, [errorInput]: errorLiteral(failure.id, error.message) };
  const output = type === undefined ? undefined : new NodeOutput({ kind: "input" }, errorInput, type);
  const bindings =
    output === undefined
      ? failure.bindings
      : { ...failure.bindings, [errorInput]: { kind: "output", output } as const };
  const { signal = new AbortController().signal, context = FlyteContext.default() } = options;
  const run = new GraphRun(LiteralMap.create({ literals }), { ...options, signal }, path);
  await run.node({ ...failure, bindings }).catch((thrown: unknown) => {
    context.log.error(`the failure handler failed: ${FlyteError.from(thrown).message}`);
  });
}

class GraphRun {
  readonly #inputs: LiteralMap;
  readonly #options: LocalRunOptions & { readonly directory: string; readonly signal: AbortSignal };
  readonly #path: readonly string[];
  readonly #done = new Map<Node, Promise<LiteralMap>>();
  /** The ids of nodes that stand inside others, as Flyte makes them: those of a branch begin with the branch's. */
  readonly #insideIds = new Map<Node, string>();
  /** The errors that name their node: a node that chooses between others throws theirs. */
  readonly #named = new WeakSet<FlyteError>();

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
    const id = [...this.#path, this.#idOf(node)].join(".");
    const event = { id, entity: node.entity.name };
    onEvent?.({ ...event, phase: "running" });
    try {
      const outputs = await this.#execute(node, id);
      onEvent?.({ ...event, phase: "succeeded", outputs });
      return outputs;
    } catch (thrown) {
      const error = this.#inNode(
        FlyteError.from(thrown, signal.aborted ? "Cancelled" : "Internal"),
        id,
        node.entity.name,
      );
      onEvent?.({ ...event, phase: "failed", error });
      throw error;
    }
  }

  /** The error with its node in front; one of a node of this run, or inside of this one, has named that already. */
  #inNode(error: FlyteError & { readonly [nodeId]?: string }, id: string, entity: string): FlyteError {
    if (this.#named.has(error) || error[nodeId]?.startsWith(`${id}.`) === true) {
      this.#named.add(error);
      return error;
    }
    const named = withPlace(error, `node ${id} (${entity})`);
    this.#named.add(named);
    return Object.defineProperty(named, nodeId, { value: id });
  }

  #idOf(node: Node): string {
    return this.#insideIds.get(node) ?? node.id;
  }

  async #execute(node: Node, id: string): Promise<LiteralMap> {
    const entries = Object.entries(node.bindings).map(async ([name, binding]) => {
      const type = node.entity.inputs[name] as AnyType;
      return [name, await at(`input ${name}`, () => this.literal(binding, type))] as const;
    });
    const inputs = LiteralMap.create({ literals: Object.fromEntries(await Promise.all(entries)) });
    const { signal, context, run, execute = inProcess(context) } = this.#options;
    const own = this.#idOf(node);
    const directory = join(this.#options.directory, own);
    return node.entity.asNode.run(node, inputs, {
      id,
      directory,
      signal,
      options: this.#options,
      execute: (task, given, part, attempt) => {
        const place =
          part === undefined ? { id, directory } : { id: `${id}[${part}]`, directory: join(directory, part) };
        const how = { signal: attempt?.signal ?? signal, attempt: attempt?.number ?? 0, run };
        return execute(task, given, { ...place, ...how });
      },
      runGraph: (graph, given) => runGraph(graph, given, { ...this.#options, directory }, [...this.#path, own]),
      runNode: (inner) => {
        this.#insideIds.set(inner, `${own}-${inner.id}`);
        return this.node(inner);
      },
      skipNode: (inner) => {
        const skipped = [...this.#path, `${own}-${inner.id}`].join(".");
        this.#options.onEvent?.({ id: skipped, entity: inner.entity.name, phase: "skipped" });
      },
    });
  }
}

/** Runs tasks in this process. */
function inProcess(context = FlyteContext.default()): ExecuteTask {
  return async (task, inputs, { id: node, ...where }) => {
    await using place = await localTaskContext({ task: task.name, context, node, ...where });
    return await task.dispatchExecute(place, inputs);
  };
}

/** Set on errors that name their node: its id. */
const nodeId: unique symbol = Symbol("node id");
