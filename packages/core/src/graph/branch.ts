import { create } from "@bufbuild/protobuf";
import { NodeSchema } from "@flyte-ts/idl/core";
import { allOf } from "../errors/all-problems.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { evaluateCondition } from "../local/evaluate-condition.ts";
import type { Types } from "../types/type-transformer.ts";
import { LiteralMap } from "../wire/messages.ts";
import { type ConditionExpression, operandName } from "./condition.ts";
import { conditionMessage } from "./condition-message.ts";
import type { AnyEntity } from "./entity.ts";
import type { Node } from "./node.ts";
import type { NodeBehaviour, NodeCompiling, NodeForm, NodeRun } from "./node-behaviour.ts";

/** One way that a conditional can go. */
export interface BranchCase {
  readonly condition: ConditionExpression;
  readonly node: Node;
}

/** What happens where no condition holds: a node, or an error with the author's message. */
export type BranchElse = { readonly node: Node } | { readonly error: string };

/** What a branch is made of. */
export interface BranchParts {
  readonly name: string;
  /** What the conditions look at, under the names that they have in conditions (`n0.o0`). */
  readonly inputs: Types;
  /** The outputs that every way has. */
  readonly outputs: Types;
  readonly cases: readonly BranchCase[];
  readonly otherwise: BranchElse;
}

/** A conditional of a workflow: one node of one of several entities, decided when the workflow runs. */
export class Branch implements AnyEntity {
  readonly inline = true;
  readonly name: string;
  readonly inputs: Types;
  readonly outputs: Types;
  readonly unwrapped: boolean;
  readonly cases: readonly BranchCase[];
  readonly otherwise: BranchElse;

  constructor({ name, inputs, outputs, cases, otherwise }: BranchParts) {
    this.name = name;
    this.inputs = inputs;
    this.outputs = outputs;
    this.unwrapped = Object.keys(outputs).length === 1;
    this.cases = cases;
    this.otherwise = otherwise;
  }

  /** The nodes that stand inside, one for every way that is no error. */
  get nodes(): readonly Node[] {
    return [...this.cases, this.otherwise].flatMap((way) => ("node" in way ? [way.node] : []));
  }

  get asNode(): NodeBehaviour {
    return {
      parts: this.nodes.map(({ entity }) => entity),
      form: (node, compiling) => this.#form(node, compiling),
      run: (node, inputs, run) => this.#run(node, inputs, run),
    };
  }

  async #form(node: Node, { nodeMessage, bindings }: NodeCompiling): Promise<NodeForm> {
    const { otherwise, name } = this;
    const ways = this.cases.map(async ({ condition, node }) => {
      return { condition: conditionMessage(condition), thenNode: await nodeMessage(node) };
    });
    const last = (async () =>
      "node" in otherwise
        ? ({ case: "elseNode", value: await nodeMessage(otherwise.node) } as const)
        : ({ case: "error", value: { failedNodeId: name, message: otherwise.error } } as const))();
    await allOf<unknown>([...ways, last]);
    const [first, ...other] = await Promise.all(ways);
    const value = await last;
    const { target, metadata } = create(NodeSchema, {
      metadata: { name, retries: {} },
      target: {
        case: "branchNode",
        value: { ifElse: { ...(first === undefined ? {} : { case: first }), other, default: value } },
      },
    });
    const names = namesNow(node);
    const renamed = (await bindings(node)).map((binding) => ({
      ...binding,
      var: names.get(binding.var) ?? binding.var,
    }));
    return { target, metadata, inputs: renamed.sort((a, b) => (a.var < b.var ? -1 : 1)) };
  }

  /** Runs the one node that is taken; the others, and what only they need, are not called. */
  async #run(node: Node, inputs: LiteralMap, run: NodeRun): Promise<LiteralMap> {
    const named = [...namesNow(node)].flatMap(([given, now]) => {
      const literal = inputs.literals[given];
      return literal === undefined ? [] : [[now, literal] as const];
    });
    const literals = Object.fromEntries(named);
    const taken = this.cases.find(({ condition }) => evaluateCondition(condition, literals)) ?? this.otherwise;
    const way = "node" in taken ? taken.node : undefined;
    for (const other of this.nodes) if (other !== way) run.skipNode(other);
    if (!("node" in taken)) {
      throw new FlyteError("TaskFailed", taken.error, { wireCode: "UserProvidedError" });
    }
    const all = await run.runNode(taken.node);
    const common = Object.entries(all.literals).filter(([name]) => Object.hasOwn(this.outputs, name));
    return LiteralMap.create({ literals: Object.fromEntries(common) });
  }
}

/** The inputs' names as they were when the node was made, and as they are: a node's id can be changed afterwards. */
function namesNow({ bindings }: Node): ReadonlyMap<string, string> {
  const names = Object.entries(bindings).map(
    ([name, binding]) => [name, binding.kind === "output" ? operandName(binding.output) : name] as const,
  );
  return new Map(names);
}

/** True for a conditional's entity, of whichever copy of the package. */
export function isBranch(entity: AnyEntity): entity is Branch {
  return "cases" in entity && "otherwise" in entity;
}
