import { FlyteContext } from "../context/flyte-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { isRecord, ListType, MapType } from "../types/collections.ts";
import type { AnyType, Types } from "../types/type-transformer.ts";
import { AwaitedCalls } from "./awaited-calls.ts";
import { type AnyCall, asOutput, isCall, nodeCall } from "./call.ts";
import type { AnyEntity } from "./entity.ts";
import type { Binding, Graph, Node } from "./node.ts";
import { NodeOutput } from "./node-output.ts";

/** Collects the nodes of one workflow while its `build` runs, or those of a dynamic task while its function does. */
export class GraphBuilder {
  readonly #workflow: string;
  readonly #nodes = new Set<Node>();
  readonly #prefix: string | undefined;
  /** The sections that this builder opened; each belongs to a conditional. */
  readonly #sections: Section[] = [];
  /** Of a dynamic task, whose function may be async. */
  #awaited: AwaitedCalls | undefined;

  /** @param prefix stands in front of the nodes' ids. */
  constructor(workflow: string, prefix?: string) {
    this.#workflow = workflow;
    this.#prefix = prefix;
  }

  /** The workflow's name. */
  get workflow(): string {
    return this.#workflow;
  }

  /** What the nodes' ids begin with. */
  get prefix(): string {
    return this.#prefix ?? (this.#awaited === undefined ? "" : "d");
  }

  /** The nodes so far, and those that stand in branches. */
  get nodes(): readonly Node[] {
    return [...this.#nodes];
  }

  /** The part of a conditional, where its branches' nodes are made. */
  section(name: string): Section {
    const section = new Section(this, name);
    this.#sections.push(section);
    return section;
  }

  /** Runs `build` with this builder in charge of all calls, and returns the graph. */
  run(inputs: Types, build: (inputs: Readonly<Record<string, NodeOutput<unknown>>>) => unknown): Graph {
    const { builders } = FlyteContext.default();
    const own = Object.entries(inputs).map(([name, type]) => [name, new NodeOutput({ kind: "input" }, name, type)]);
    builders.push(this);
    try {
      const outputs = this.#outputs(build(Object.fromEntries(own)));
      this.check();
      return { nodes: [...this.#nodes], outputs };
    } finally {
      builders.pop();
    }
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
    const values = outputsOf(result);
    const outputs = Object.entries(types).map(([name, type]) => {
      const binding = this.#binding(values[name], type, `${this.#workflow}, output "${name}"`);
      return [name, { type, binding }] as const;
    });
    this.check();
    return { nodes: [...this.#nodes], outputs: Object.fromEntries(outputs) };
  }

  /** Adds the node of a call. */
  add(entity: AnyEntity, inputs: Readonly<Record<string, unknown>>): AnyCall {
    const id = `${this.prefix}n${this.#nodes.size}`;
    const bindings = Object.entries(inputs).map(([name, value]) => {
      const type = entity.inputs[name] as AnyType;
      return [name, this.#binding(value, type, `${id} (${entity.name}), input "${name}"`)] as const;
    });
    const node: Node = { id, entity, bindings: Object.fromEntries(bindings), after: new Set() };
    this.#nodes.add(node);
    return nodeCall(node, entity.outputs, this.#awaited?.stand);
  }

  /** @throws FlyteError `InvalidDefinition` for what is wrong with the graph as a whole. */
  check(): void {
    this.#checkIds();
    for (const section of this.#sections) section.check();
    for (const { id, entity, after } of this.#nodes) {
      const stray = [...after].find((node) => !this.#nodes.has(node));
      if (stray === undefined) continue;
      const place = `workflow ${this.#workflow}: ${stray.id} (${stray.entity.name}).runsBefore(${id} ${entity.name})`;
      throw new FlyteError("InvalidDefinition", `${place}: both must stand in the workflow itself`);
    }
  }

  /** Propeller's compiler drops the second node of an id without a word. */
  #checkIds(): void {
    const ids = new Map<string, Node>();
    for (const node of this.#nodes) {
      const other = ids.get(node.id);
      if (other !== undefined) {
        throw new FlyteError(
          "InvalidDefinition",
          `workflow ${this.#workflow}: the calls of ${other.entity.name} and ${node.entity.name} are both the node "${node.id}"; give one another nodeName`,
        );
      }
      ids.set(node.id, node);
    }
  }

  #binding(value: unknown, type: AnyType, place: string): Binding {
    const output = asOutput(value);
    if (output !== undefined) return { kind: "output", output: this.#own(output, place) };
    if (isCall(value)) {
      const names = Object.keys(value.outputs).map((name) => `.${name}`);
      throw new FlyteError(
        "InvalidDefinition",
        `${place}: a call with ${names.length} outputs was given; give one of them (${names.join(", ")})`,
      );
    }
    if (type instanceof ListType && Array.isArray(value) && value.some(holdsOutput)) {
      const items = value.map((item, index) => this.#binding(item, type.item as AnyType, `${place}[${index}]`));
      return { kind: "list", items };
    }
    if (type instanceof MapType && isRecord<unknown>(value) && Object.values(value).some(holdsOutput)) {
      const items = Object.entries(value).map(
        ([key, item]) => [key, this.#binding(item, type.item as AnyType, `${place}.${key}`)] as const,
      );
      return { kind: "map", items: Object.fromEntries(items) };
    }
    return { kind: "value", value, type };
  }

  /** @throws FlyteError `InvalidDefinition` for an output of another workflow, or of a call outside any. */
  #own(output: NodeOutput<unknown>, place: string): NodeOutput<unknown> {
    if (this.owns(output)) return output;
    const { source } = output;
    const section = source.kind === "node" ? this.#sectionOf(source.node) : undefined;
    if (section !== undefined) {
      throw new FlyteError(
        "InvalidDefinition",
        `${place}: ${output.name} stands in ${section}, whose branch may not be taken; use the conditional's own outputs`,
      );
    }
    throw new FlyteError(
      "InvalidDefinition",
      `${place}: ${output.name} does not belong to the workflow ${this.#workflow}; call its task inside "build"`,
    );
  }

  /** What a value of an input or output is bound to. */
  binding(value: unknown, type: AnyType, place: string): Binding {
    return this.#binding(value, type, place);
  }

  /** True for an output that a node here may use. */
  owns({ source }: NodeOutput<unknown>): boolean {
    return source.kind === "input" || (source.kind === "node" && this.#nodes.has(source.node));
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
    const bound = (value: unknown, name: string): Graph["outputs"][string] => {
      const output = asOutput(value);
      if (output === undefined) {
        throw new FlyteError(
          "InvalidDefinition",
          `workflow ${this.#workflow}: what build returns as "${name}" is no output`,
        );
      }
      return { type: output.type, binding: { kind: "output", output: this.#own(output, `output "${name}"`) } };
    };
    if (result instanceof Promise) {
      result.catch(() => {});
      throw new FlyteError(
        "InvalidDefinition",
        `workflow ${this.#workflow}: build must not be async; it only wires the graph`,
      );
    }
    if (result === undefined || result === null) return {};
    if (asOutput(result) !== undefined) return { o0: bound(result, "o0") };
    const outputs = isCall(result) ? result.outputs : result;
    if (!isRecord<unknown>(outputs)) {
      throw new FlyteError(
        "InvalidDefinition",
        `workflow ${this.#workflow}: build must return an output, a record of outputs, or nothing`,
      );
    }
    return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, bound(value, name)]));
  }
}

/** Collects the nodes of a conditional's branches: they are numbered by themselves, and may use what stands outside. */
export class Section extends GraphBuilder {
  readonly #outer: GraphBuilder;
  /** The nodes of branches that are made; what comes later may not use them. */
  #made = 0;
  #ended = false;

  constructor(outer: GraphBuilder, name: string) {
    super(name, outer.prefix);
    this.#outer = outer;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The conditional has its last branch. */
  end(): void {
    this.#ended = true;
  }

  /** Runs the callback of one branch; the nodes that it made. */
  collect(way: () => unknown): { readonly returned: unknown; readonly nodes: readonly Node[] } {
    const { builders } = FlyteContext.default();
    builders.push(this);
    try {
      const returned = way();
      return { returned, nodes: this.nodes.slice(this.#made) };
    } finally {
      builders.pop();
      this.#made = this.nodes.length;
    }
  }

  override owns(output: NodeOutput<unknown>): boolean {
    const { source } = output;
    if (this.#outer.owns(output)) return true;
    return source.kind === "node" && this.nodes.slice(this.#made).includes(source.node);
  }

  override check(): void {
    if (!this.#ended) {
      throw new FlyteError(
        "InvalidDefinition",
        `workflow ${this.#outer.workflow}: ${this.workflow} has no end: close it with else(…) or fail("…")`,
      );
    }
    for (const { id, entity, after } of this.nodes) {
      if (after.size === 0) continue;
      throw new FlyteError(
        "InvalidDefinition",
        `workflow ${this.#outer.workflow}: ${this.workflow}: Flyte keeps no order for a node in a branch (${id}, ${entity.name}); call runsBefore with the conditional itself`,
      );
    }
    super.check();
  }
}

function holdsOutput(value: unknown): boolean {
  if (asOutput(value) !== undefined || isCall(value)) return true;
  if (Array.isArray(value)) return value.some(holdsOutput);
  return isRecord<unknown>(value) && Object.values(value).some(holdsOutput);
}
