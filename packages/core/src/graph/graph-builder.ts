import { FlyteContext } from "../context/flyte-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { isCastable } from "../types/castable.ts";
import { isRecord } from "../types/collections.ts";
import { formOf } from "../types/type-form.ts";
import { typeLabel } from "../types/type-label.ts";
import type { AnyType, Types } from "../types/type-transformer.ts";
import { type AnyCall, asOutput, isCall, nodeCall } from "./call.ts";
import type { AnyEntity } from "./entity.ts";
import { holdsOutput, ownCopy, severalOutputs } from "./given-values.ts";
import { type Binding, cycleIn, type Graph, type Node } from "./node.ts";
import { NodeOutput, type OutputSource } from "./node-output.ts";

/** A graph, and whether what `build` returned is its one output or a record of outputs. */
export interface BuiltGraph {
  readonly graph: Graph;
  readonly unwrapped: boolean;
}

/** Collects the nodes of one workflow while its `build` runs. */
export class GraphBuilder {
  readonly #workflow: string;
  readonly #nodes = new Set<Node>();
  /** This workflow's own: an input of another one that stands around is none of ours. */
  readonly #input: OutputSource = { kind: "input" };

  constructor(workflow: string) {
    this.#workflow = workflow;
  }

  /**
   * Runs `build` with this builder in charge of all calls, and returns the graph.
   * @throws FlyteError `InvalidDefinition` that names the workflow, and the node and input where there is one.
   */
  run(inputs: Types, build: (inputs: Readonly<Record<string, NodeOutput<unknown>>>) => unknown): BuiltGraph {
    const { builders } = FlyteContext.default();
    const own = Object.entries(inputs).map(([name, type]) => [name, new NodeOutput(this.#input, name, type)]);
    builders.push(this);
    try {
      const result = build(Object.fromEntries(own));
      const outputs = this.#outputs(result);
      const nodes = [...this.#nodes];
      const cycle = cycleIn(nodes);
      if (cycle !== undefined) {
        const names = [...cycle, cycle[0]].map((node) => `${node?.id} (${node?.entity.name})`);
        throw this.#wrong(`its nodes wait for each other: ${names.join(" before ")}`);
      }
      return {
        graph: { nodes, outputs },
        unwrapped: asOutput(result) !== undefined || Object.keys(outputs).length === 0,
      };
    } finally {
      builders.pop();
    }
  }

  /** Adds the node of a call. */
  add(entity: AnyEntity, inputs: Readonly<Record<string, unknown>>): AnyCall {
    const id = `n${this.#nodes.size}`;
    const bindings = Object.entries(inputs).map(([name, value]) => {
      const type = entity.inputs[name] as AnyType;
      return [name, this.#binding(value, type, `${id} (${entity.name}), input "${name}"`)] as const;
    });
    const node: Node = { id, entity, bindings: Object.fromEntries(bindings), after: new Set() };
    this.#nodes.add(node);
    return nodeCall(node, entity.outputs);
  }

  /** Lets a node wait for another, of which it uses nothing. */
  order(first: Node, then: Node): void {
    const foreign = [first, then].find((node) => !this.#nodes.has(node));
    if (foreign !== undefined) {
      throw this.#wrong(`runsBefore was given ${foreign.id} (${foreign.entity.name}), a node of another workflow`);
    }
    then.after.add(first);
  }

  #binding(value: unknown, type: AnyType, place: string): Binding {
    const output = asOutput(value);
    if (output !== undefined) return { kind: "output", output: this.#fitting(output, type, place) };
    if (isCall(value)) throw this.#wrong(`${place}: ${severalOutputs(value.outputs)}`);
    if (!holdsOutput(value)) return { kind: "value", value: ownCopy(value), type };
    const form = formOf(type);
    if (form.kind === "optional") return this.#binding(value, form.item, place);
    if (form.kind === "list" && Array.isArray(value)) {
      const items = value.map((item, index) => this.#binding(item, form.item, `${place}[${index}]`));
      return { kind: "list", items };
    }
    if (form.kind === "map" && isRecord<unknown>(value)) {
      const items = Object.entries(value).map(
        ([key, item]) => [key, this.#binding(item, form.item, `${place}.${key}`)] as const,
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
    const { source } = output;
    if (source === this.#input || (source.kind === "node" && this.#nodes.has(source.node))) return output;
    throw this.#wrong(
      source.kind === "input"
        ? `${place}: ${output.name} is an input of another workflow; make it an input of this one, too`
        : `${place}: ${output.name} does not belong to this workflow; call its task inside "build"`,
    );
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
    return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, this.#output(name, value)]));
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
    return new FlyteError("InvalidDefinition", `workflow ${this.#workflow}: ${message}`);
  }
}
