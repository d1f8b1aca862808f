import { FlyteContext } from "../context/flyte-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { Docs } from "../task/docs.ts";
import type { AnyType, NativeOf, Types } from "../types/type-transformer.ts";
import { asOutput, type Call, type Natives, type OutputLike } from "./call.ts";
import { type Conditional, conditionalIn } from "./conditional.ts";
import { defined } from "./defined.ts";
import type { AnyEntity } from "./entity.ts";
import { failureNode } from "./failure-handler.ts";
import { GraphBuilder } from "./graph-builder.ts";
import { type FailurePolicy, type Graph, type Node, outputsIn } from "./node.ts";
import type { NodeOutput } from "./node-output.ts";
import { checkVariables } from "./variables.ts";
import { Workflow } from "./workflow.ts";

/** What an imperative workflow may say besides its name. */
export interface ImperativeWorkflowOptions {
  /** What the workflow is for, in a line. */
  readonly description?: string;
  /** What the console shows about it besides. */
  readonly docs?: Docs;
  /** What a failure does to nodes that do not need the one that failed. `fail-immediately` by default. */
  readonly failurePolicy?: FailurePolicy;
  /** Whether tasks that do not say it themselves may run on machines that can be taken away. `false` by default. */
  readonly interruptible?: boolean;
}

/** The node id of an imperative workflow's failure handler, as flytekit's. */
const failureNodeId = "efn";

/** The call signature, which the class's instances have. */
export interface ImperativeWorkflow {
  (inputs?: Readonly<Record<string, unknown>>): Call<Types, Natives<Types>>;
}

/** An entity with its call signature. */
type Callable<Args extends readonly unknown[], C> = AnyEntity & ((...args: Args) => C);

/**
 * A workflow that is put together call by call, for programs that do not know its graph beforehand. It can be used,
 * compiled and run like any other, once it has a node.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds the call signature that Entity provides
export class ImperativeWorkflow extends Workflow<Types, Types, Natives<Types>> {
  readonly #builder: GraphBuilder;
  readonly #inputs: Record<string, AnyType>;
  readonly #outputs: Record<string, AnyType>;
  readonly #growing: GrowingGraph;

  constructor(name: string, { description, docs, ...options }: ImperativeWorkflowOptions = {}) {
    const inputs: Record<string, AnyType> = {};
    const builder = new GraphBuilder(name);
    const growing = new GrowingGraph(builder, inputs, options);
    super(name, inputs, growing, false, description, docs);
    this.#builder = builder;
    this.#inputs = inputs;
    this.#outputs = this.outputs as Record<string, AnyType>;
    this.#growing = growing;
  }

  /**
   * Declares an input; what it returns goes wherever a value of its type does.
   * @throws FlyteError `InvalidDefinition` for a name that is there already.
   */
  addInput<T extends AnyType>(name: string, type: T): NodeOutput<NativeOf<T>> {
    if (Object.hasOwn(this.#inputs, name)) throw this.#bad(`has the input "${name}" already`);
    checkVariables(this.name, { [name]: type }, {});
    this.#inputs[name] = type;
    return this.#builder.input(name, type) as NodeOutput<NativeOf<T>>;
  }

  /**
   * Adds a call of a task, workflow or launch plan, as calling it inside `build` would.
   * @throws FlyteError `InvalidDefinition` as a call inside `build`, and while another workflow is being built.
   */
  addEntity<Args extends readonly unknown[], C>(entity: Callable<Args, C>, ...args: Args): C {
    return this.#building(`adds ${entity.name}`, () => entity(...args));
  }

  /** `addEntity` for a task, by flytekit's name. */
  addTask<Args extends readonly unknown[], C>(task: Callable<Args, C>, ...args: Args): C {
    return this.addEntity(task, ...args);
  }

  /** `addEntity` for a workflow inside this one, by flytekit's name. */
  addSubWorkflow<Args extends readonly unknown[], C>(workflow: Callable<Args, C>, ...args: Args): C {
    return this.addEntity(workflow, ...args);
  }

  /** `addEntity` for a launch plan, by flytekit's name. */
  addLaunchPlan<Args extends readonly unknown[], C>(launchPlan: Callable<Args, C>, ...args: Args): C {
    return this.addEntity(launchPlan, ...args);
  }

  /**
   * Adds what is no entity's call: gates, and calls with an order between them.
   * @param make calls what it likes, as in `build`.
   */
  add<R>(make: () => R): R {
    return this.#building("adds calls", make);
  }

  /** A conditional of this workflow; the ways call their entities themselves. */
  createConditional(name: string): Conditional {
    return conditionalIn(this.#builder, name);
  }

  /**
   * Declares an output.
   * @param value an output of a call or an input; a list or map of them needs its type.
   * @throws FlyteError `InvalidDefinition` for a name that is there already, and for a value without a type.
   */
  addOutput(name: string, value: OutputLike<unknown> | readonly unknown[] | object, type?: AnyType): void {
    if (Object.hasOwn(this.#outputs, name)) throw this.#bad(`has the output "${name}" already`);
    const known = type ?? asOutput(value)?.type;
    if (known === undefined) {
      throw this.#bad(
        `output "${name}": what is no output of a call needs its type: addOutput("${name}", …, t.list(…))`,
      );
    }
    checkVariables(this.name, {}, { [name]: known });
    const binding = this.#builder.binding(value, known, `output "${name}"`);
    this.#growing.outputs[name] = { type: known, binding };
    this.#outputs[name] = known;
  }

  /**
   * Sets what runs when a node has failed. It takes all inputs of the workflow; what else it takes is optional.
   * @throws FlyteError `InvalidDefinition` for a handler that does not take the inputs declared so far.
   */
  addFailureHandler(handler: AnyEntity): void {
    this.#growing.handler = handler;
    void this.#growing.failure;
  }

  /** True once it has a node and every input is used (flytekit's `ready`). */
  get ready(): boolean {
    const used = new Set<string>();
    for (const { bindings } of this.#builder.nodes) {
      for (const binding of Object.values(bindings)) {
        for (const { source, variable } of outputsIn(binding)) if (source.kind === "input") used.add(variable);
      }
    }
    return this.#builder.nodes.length > 0 && Object.keys(this.#inputs).every((name) => used.has(name));
  }

  #building<R>(does: string, make: () => R): R {
    const { builders } = FlyteContext.default();
    if (builders.length > 0) {
      throw this.#bad(`${does} while another workflow or a branch is built; call the entity itself there`);
    }
    builders.push(this.#builder);
    try {
      return make();
    } finally {
      builders.pop();
    }
  }

  #bad(why: string): FlyteError {
    return new FlyteError("InvalidDefinition", `workflow ${this.name} ${why}`);
  }
}

/** The graph of an imperative workflow, as it is when it is asked. */
class GrowingGraph implements Graph {
  readonly outputs: Record<string, Graph["outputs"][string]> = {};
  readonly failurePolicy?: FailurePolicy;
  readonly interruptible?: boolean;
  handler: AnyEntity | undefined;
  readonly #builder: GraphBuilder;
  readonly #inputs: Types;

  constructor(builder: GraphBuilder, inputs: Types, { failurePolicy, interruptible }: ImperativeWorkflowOptions) {
    this.#builder = builder;
    this.#inputs = inputs;
    if (failurePolicy !== undefined) this.failurePolicy = failurePolicy;
    if (interruptible !== undefined) this.interruptible = interruptible;
  }

  get nodes(): readonly Node[] {
    const { nodes, workflow } = this.#builder;
    if (nodes.length === 0)
      throw new FlyteError("InvalidDefinition", `workflow ${workflow} has no node: add an entity`);
    this.#builder.check();
    const taken = nodes.find(({ id }) => id === failureNodeId);
    if (taken === undefined) return nodes;
    throw new FlyteError(
      "InvalidDefinition",
      `workflow ${workflow}: the node of ${taken.entity.name} is called "${failureNodeId}", as the failure handler's is`,
    );
  }

  get failure(): Node | undefined {
    const { handler } = this;
    if (handler === undefined) return undefined;
    const { workflow } = this.#builder;
    return failureNode(workflow, this.#inputs, handler, new GraphBuilder(workflow), failureNodeId);
  }
}

/**
 * A workflow without nodes, to be put together with `addInput`, `addEntity` and `addOutput`.
 * @throws FlyteError `InvalidDefinition` for an illegal name.
 */
export function imperativeWorkflow(name: string, options: ImperativeWorkflowOptions = {}): ImperativeWorkflow {
  return defined(() => new ImperativeWorkflow(name, options));
}
