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
  /** Of a dynamic task, whose function may be async. */
  #awaited: AwaitedCalls | undefined;

  constructor(workflow: string) {
    this.#workflow = workflow;
  }

  /** Runs `build` with this builder in charge of all calls, and returns the graph. */
  run(inputs: Types, build: (inputs: Readonly<Record<string, NodeOutput<unknown>>>) => unknown): Graph {
    const { builders } = FlyteContext.default();
    const own = Object.entries(inputs).map(([name, type]) => [name, new NodeOutput({ kind: "input" }, name, type)]);
    builders.push(this);
    try {
      const outputs = this.#outputs(build(Object.fromEntries(own)));
      this.#checkIds();
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
    return { nodes: [...this.#nodes], outputs: Object.fromEntries(outputs) };
  }

  /** Adds the node of a call. */
  add(entity: AnyEntity, inputs: Readonly<Record<string, unknown>>): AnyCall {
    const id = `${this.#awaited === undefined ? "n" : "dn"}${this.#nodes.size}`;
    const bindings = Object.entries(inputs).map(([name, value]) => {
      const type = entity.inputs[name] as AnyType;
      return [name, this.#binding(value, type, `${id} (${entity.name}), input "${name}"`)] as const;
    });
    const node: Node = { id, entity, bindings: Object.fromEntries(bindings), after: new Set() };
    this.#nodes.add(node);
    return nodeCall(node, entity.outputs, this.#awaited?.stand);
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
    const { source } = output;
    if (source.kind === "input" || (source.kind === "node" && this.#nodes.has(source.node))) return output;
    throw new FlyteError(
      "InvalidDefinition",
      `${place}: ${output.name} does not belong to the workflow ${this.#workflow}; call its task inside "build"`,
    );
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

function holdsOutput(value: unknown): boolean {
  if (asOutput(value) !== undefined || isCall(value)) return true;
  if (Array.isArray(value)) return value.some(holdsOutput);
  return isRecord<unknown>(value) && Object.values(value).some(holdsOutput);
}
