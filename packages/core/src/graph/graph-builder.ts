import { FlyteContext } from "../context/flyte-context.ts";
import { noting, throwProblems } from "../errors/all-problems.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { isCastable } from "../types/castable.ts";
import { isRecord, ownValue } from "../types/collections.ts";
import { formOf } from "../types/type-form.ts";
import { typeLabel } from "../types/type-label.ts";
import type { AnyType, Types } from "../types/type-transformer.ts";
import { AwaitedCalls } from "./awaited-calls.ts";
import { type AnyCall, asOutput, isCall, nodeCall } from "./call.ts";
import type { AnyEntity } from "./entity.ts";
import { gateProblem } from "./gate-names.ts";
import { holdsOutput, ownCopy, severalOutputs } from "./given-values.ts";
import type { Binding, Graph, Node } from "./node.ts";
import { NodeOutput, type OutputSource } from "./node-output.ts";
import { circle, sharedId, strayOrder } from "./node-problems.ts";

/** A graph, and whether what `build` returned is its one output or a record of outputs. */
export interface BuiltGraph {
  readonly graph: Graph;
  readonly unwrapped: boolean;
}

/** Collects the nodes of one workflow while its `build` runs, or those of a dynamic task while its function does. */
export class GraphBuilder {
  readonly #workflow: string;
  readonly #nodes = new Set<Node>();
  /** This workflow's own: an input of another one that stands around is none of ours. */
  readonly #input: OutputSource = { kind: "input" };
  readonly #prefix: string | undefined;
  /** The sections that this builder opened; each belongs to a conditional. */
  readonly #sections: GraphBuilder[] = [];
  /** Of a dynamic task, whose function may be async. */
  #awaited: AwaitedCalls | undefined;
  #open = true;
  /** What is wrong with calls, while `build` runs; elsewhere it is thrown at once. */
  #problems: unknown[] | undefined;

  /** @param prefix stands in front of the nodes' ids. */
  constructor(workflow: string, prefix?: string) {
    this.#workflow = workflow;
    this.#prefix = prefix;
  }

  /** The workflow's name. */
  get workflow(): string {
    return this.#workflow;
  }

  /** What is being built, for messages. */
  get place(): string {
    return `${this.#awaited === undefined ? "workflow" : "dynamic task"} ${this.#workflow}`;
  }

  /** The builder of the whole graph that this one builds or stands in. */
  get root(): GraphBuilder {
    return this;
  }

  /** True until all its calls are made; one that is put together call by call stays open. */
  get open(): boolean {
    return this.#open;
  }

  /** What the nodes' ids begin with. */
  get prefix(): string {
    return this.#prefix ?? (this.#awaited === undefined ? "" : "d");
  }

  /** The nodes so far, and those that stand in branches. */
  get nodes(): readonly Node[] {
    return [...this.#nodes];
  }

  /** Takes the part of a conditional, where its branches' nodes are made. */
  hold(section: GraphBuilder): void {
    this.#sections.push(section);
  }

  /** An input of the workflow. */
  input(name: string, type: AnyType): NodeOutput<unknown> {
    return new NodeOutput(this.#input, name, type);
  }

  /**
   * Runs `build` with this builder in charge of all calls, and returns the graph.
   * @throws FlyteError `InvalidDefinition` that names the workflow, and the node and input where there is one: all that is
   * wrong with calls, outputs and the graph as a whole.
   */
  run(inputs: Types, build: (inputs: Readonly<Record<string, NodeOutput<unknown>>>) => unknown): BuiltGraph {
    const { builders } = FlyteContext.default();
    const own = Object.entries(inputs).map(([name, type]) => [name, this.input(name, type)] as const);
    const problems: unknown[] = [];
    this.#problems = problems;
    builders.push(this);
    try {
      const result = build(Object.fromEntries(own));
      const outputs = noting(problems, () => this.#outputs(result)) ?? {};
      noting(problems, () => this.check());
      throwProblems(problems);
      return {
        graph: { nodes: [...this.#nodes], outputs },
        unwrapped: asOutput(result) !== undefined || Object.keys(outputs).length === 0,
      };
    } catch (error) {
      throwProblems([...problems, error]);
      throw error;
    } finally {
      this.#open = false;
      this.#problems = undefined;
      builders.pop();
    }
  }

  /**
   * What a check of a call gives; undefined where it fails while `build` runs, which goes on then to find all that is
   * wrong.
   * @throws what the check throws, elsewhere; and always what is no user's fault.
   */
  noting<T>({ name }: AnyEntity, check: () => T): T | undefined {
    const { root } = this;
    if (root.#problems === undefined) return check();
    try {
      return check();
    } catch (error) {
      if (!FlyteError.is(error) || error.kind === "system") throw error;
      const known = error.message.startsWith(this.place);
      const place = `${this.place}: ${this.#nextId} (${name})`;
      root.#problems.push(
        known ? error : new FlyteError("InvalidDefinition", `${place}: ${error.message}`, { cause: error }),
      );
      return undefined;
    }
  }

  get #nextId(): string {
    return `${this.prefix}n${this.#nodes.size}`;
  }

  /**
   * Runs the function of a dynamic task with this builder in charge of all calls in it, and returns the graph.
   * @param outputsOf what the function returned, by output name.
   * @throws what the function throws; FlyteError `InvalidDefinition` when it awaited a call.
   */
  async runDynamic(
    types: Types,
    make: () => unknown,
    outputsOf: (returned: unknown) => Readonly<Record<string, unknown>>,
  ): Promise<Graph> {
    const awaited = new AwaitedCalls();
    this.#awaited = awaited;
    const returned: unknown = FlyteContext.default().withBuilder(this, make);
    // A call is awaitable as well, and is not meant to be.
    const [result] = returned instanceof Promise ? await awaited.around(returned) : [returned];
    this.#open = false;
    const values = outputsOf(result);
    const outputs = Object.entries(types).map(([name, type]) => {
      return [name, { type, binding: this.binding(ownValue(values, name), type, `output "${name}"`) }] as const;
    });
    this.check();
    return { nodes: [...this.#nodes], outputs: Object.fromEntries(outputs) };
  }

  /** Adds the node of a call. */
  add(entity: AnyEntity, inputs: Readonly<Record<string, unknown>>): AnyCall {
    const id = this.#nextId;
    const bindings = Object.entries(inputs).flatMap(([name, value]) => {
      const type = entity.inputs[name] as AnyType;
      const place = `${id} (${entity.name}), input "${name}"`;
      const binding = this.noting(entity, () => this.binding(value, type, place));
      return binding === undefined ? [] : [[name, binding] as const];
    });
    const node: Node = { id, entity, bindings: Object.fromEntries(bindings), after: new Set() };
    this.#nodes.add(node);
    return nodeCall(this, node, entity.outputs, this.#awaited?.stand);
  }

  /** @throws FlyteError `InvalidDefinition` for what is wrong with the graph as a whole. */
  check(): void {
    this.#refuse(sharedId(this.#nodes));
    for (const section of this.#sections) section.check();
    this.#refuse(strayOrder(this.#nodes));
    if (this.root !== this) return;
    // the whole graph sees the circles through its branches, and the gates in them
    this.#refuse(gateProblem(this.nodes));
    this.#refuse(circle(this.nodes));
  }

  #refuse(problem: string | undefined): void {
    if (problem !== undefined) throw this.#wrong(problem);
  }

  /**
   * Lets a node wait for another, of which it uses nothing.
   * @throws FlyteError `InvalidDefinition` for a node of another workflow; `check` tells of nodes in branches.
   */
  order(first: Node, then: Node): void {
    const { root } = this;
    const foreign = [first, then].find((node) => !root.#nodes.has(node) && root.#sectionOf(node) === undefined);
    if (foreign !== undefined) {
      throw this.#wrong(`runsBefore was given ${foreign.id} (${foreign.entity.name}), a node of another workflow`);
    }
    then.after.add(first);
  }

  /**
   * What a value of an input or output is bound to.
   * @throws FlyteError `InvalidDefinition` for an output of another workflow, or of a type that does not fit.
   */
  binding(value: unknown, type: AnyType, place: string): Binding {
    const output = asOutput(value);
    if (output !== undefined) return { kind: "output", output: this.#fitting(output, type, place) };
    if (isCall(value)) throw this.#wrong(`${place}: ${severalOutputs(value.outputs)}`);
    if (!holdsOutput(value)) return { kind: "value", value: ownCopy(value), type };
    const form = formOf(type);
    if (form.kind === "optional") return this.binding(value, form.item, place);
    if (form.kind === "list" && Array.isArray(value)) {
      const items = value.map((item, index) => this.binding(item, form.item, `${place}[${index}]`));
      return { kind: "list", items };
    }
    if (form.kind === "map" && isRecord<unknown>(value)) {
      const items = Object.entries(value).map(
        ([key, item]) => [key, this.binding(item, form.item, `${place}.${key}`)] as const,
      );
      return { kind: "map", items: Object.fromEntries(items) };
    }
    const label = typeLabel(type);
    throw this.#wrong(
      `${place}: an output inside of a value of type ${label}; only lists and maps take outputs in them`,
    );
  }

  /** The output, if it is of this workflow and of a type that fits. */
  #fitting(output: NodeOutput<unknown>, type: AnyType, place: string): NodeOutput<unknown> {
    const own = this.#own(output, place);
    if (isCastable(own.type.literalType, type.literalType)) return own;
    const of = own.source.kind === "node" ? ` of ${own.source.node.entity.name}` : "";
    throw this.#wrong(`${place} takes ${typeLabel(type)}, but ${own.name}${of} is ${typeLabel(own.type)}`);
  }

  /** The output, if it is of this workflow, and of no call outside any. */
  #own(output: NodeOutput<unknown>, place: string): NodeOutput<unknown> {
    if (this.owns(output)) return output;
    const { source } = output;
    const section = source.kind === "node" ? this.root.#sectionOf(source.node) : undefined;
    if (section !== undefined) {
      throw this.#wrong(
        `${place}: ${output.name} stands in ${section}, whose branch may not be taken; use the conditional's own outputs`,
      );
    }
    throw this.#wrong(
      source.kind === "input"
        ? `${place}: ${output.name} is an input of another workflow; make it an input of this one, too`
        : `${place}: ${output.name} does not belong to this workflow; call its task inside "build"`,
    );
  }

  /** True for an output that a node here may use. */
  owns({ source }: NodeOutput<unknown>): boolean {
    return source === this.#input || (source.kind === "node" && this.#nodes.has(source.node));
  }

  /** @throws FlyteError `InvalidDefinition` for an output that nothing here may use. */
  checkOwn(output: NodeOutput<unknown>, place: string): void {
    this.#own(output, place);
  }

  /** The conditional in whose branch a node stands, in words. */
  #sectionOf(node: Node): string | undefined {
    for (const section of this.#sections) {
      const found = section.nodes.includes(node) ? section.workflow : section.#sectionOf(node);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #outputs(result: unknown): Graph["outputs"] {
    if (result instanceof Promise) {
      result.catch(() => {});
      throw this.#wrong("build must not be async; it only wires the graph");
    }
    if (result === undefined || result === null) return {};
    if (asOutput(result) !== undefined) return { o0: this.#output("o0", result) };
    const outputs = isCall(result) ? result.outputs : result;
    if (!isRecord<unknown>(outputs)) throw this.#wrong("build must return an output, a record of outputs, or nothing");
    const entries = Object.entries(outputs).flatMap(([name, value]) => {
      const output = noting(this.#problems ?? [], () => this.#output(name, value));
      return output === undefined ? [] : [[name, output] as const];
    });
    return Object.fromEntries(entries);
  }

  #output(name: string, value: unknown): Graph["outputs"][string] {
    const output = asOutput(value);
    if (output !== undefined) {
      return { type: output.type, binding: { kind: "output", output: this.#own(output, `output "${name}"`) } };
    }
    const why = isCall(value) ? severalOutputs(value.outputs) : `what build returns as "${name}" is no output`;
    throw this.#wrong(isCall(value) ? `output "${name}": ${why}` : why);
  }

  #wrong(message: string): FlyteError {
    return new FlyteError("InvalidDefinition", `${this.place}: ${message}`);
  }
}
