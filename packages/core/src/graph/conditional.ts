import { FlyteContext } from "../context/flyte-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { ownValue } from "../types/collections.ts";
import type { Types, TypeTransformer } from "../types/type-transformer.ts";
import { Branch, type BranchCase, type BranchElse } from "./branch.ts";
import { type AnyCall, type Call, nodeOf } from "./call.ts";
import { Condition, type ConditionExpression, operandName, outputsOfCondition, sameType } from "./condition.ts";
import type { GraphBuilder } from "./graph-builder.ts";
import type { Node } from "./node.ts";
import type { NodeOutput } from "./node-output.ts";
import { Section } from "./section.ts";

/** The native values of a call's outputs. */
type OutputsOfCall<R> = R extends { readonly outputs: infer Outputs }
  ? { readonly [K in keyof Outputs]: Outputs[K] extends NodeOutput<infer T> ? T : never }
  : Record<never, never>;

/** The outputs that both have. */
type Common<A, B> = { readonly [K in keyof A & keyof B]: A[K] };

/** The names of outputs that both have with different types. */
type Disagreeing<A, B> = {
  [K in keyof A & keyof B]: [A[K]] extends [B[K]] ? ([B[K]] extends [A[K]] ? never : K) : K;
}[keyof A & keyof B];

/** What a way may return besides a call: nothing, where its outputs are of no use. */
// biome-ignore lint/suspicious/noConfusingVoidType: a callback with braces returns void
type Way = AnyCall | void;

type Agreeing<A, R> = [Disagreeing<A, OutputsOfCall<R>>] extends [never]
  ? unknown
  : { readonly "outputs of one name have one type": Disagreeing<A, OutputsOfCall<R>> };

/** The call that a conditional is: the outputs that all its ways have. */
export type BranchCall<Outputs> = Call<
  { readonly [K in keyof Outputs]: TypeTransformer<Outputs[K], Outputs[K]> },
  BranchResult<Outputs>
>;
type BranchResult<Outputs> = { -readonly [K in keyof Outputs]: Outputs[K] };

/** A conditional whose ways begin. */
export interface Conditional {
  /**
   * The first way.
   * @param way makes one call of a task, workflow, gate or conditional; its node belongs to this way alone.
   */
  if<R extends Way>(condition: Condition, way: () => R): ConditionalWays<OutputsOfCall<R>>;
}

/** A conditional that has a way; it ends with `else` or `fail`. */
export interface ConditionalWays<Outputs> {
  /** Another way, where no condition before it holds. */
  elif<R extends Way>(
    condition: Condition,
    way: (() => R) & Agreeing<Outputs, R>,
  ): ConditionalWays<Common<Outputs, OutputsOfCall<R>>>;
  /** The way where no condition holds. Returns the conditional as a call. */
  else<R extends Way>(way: (() => R) & Agreeing<Outputs, R>): BranchCall<Common<Outputs, OutputsOfCall<R>>>;
  /** Fails the workflow with a message where no condition holds. Returns the conditional as a call. */
  fail(message: string): BranchCall<Outputs>;
}

/**
 * A choice between calls, made when the workflow runs: `conditional("size").if(x.gt(9), () => big({ x })).else(() =>
 * small({ x }))`. It is a call whose outputs are those that every way has.
 * @throws FlyteError `InvalidDefinition` outside of a workflow's `build`.
 */
export function conditional(name: string): Conditional {
  const builder = FlyteContext.default().builders.at(-1);
  if (builder !== undefined) return conditionalIn(builder, name);
  throw new FlyteError(
    "InvalidDefinition",
    `conditional "${name}" stands outside of a workflow; use it inside "build", and "if" everywhere else`,
  );
}

/** A conditional of the workflow that a builder builds. */
export function conditionalIn(builder: GraphBuilder, name: string): Conditional {
  if (name === "") throw new FlyteError("InvalidDefinition", "a conditional needs a name");
  return new Ways(builder, name) as never;
}

/** A way with what the author's callback made of it. */
interface MadeWay {
  readonly node: Node;
  readonly outputs: Types;
}

/** Collects the ways, and adds the branch's node with the last one. */
class Ways {
  readonly #name: string;
  readonly #builder: GraphBuilder;
  readonly #section: Section;
  readonly #cases: BranchCase[] = [];
  readonly #made: MadeWay[] = [];

  constructor(builder: GraphBuilder, name: string) {
    this.#name = name;
    this.#builder = builder;
    this.#section = new Section(builder, `conditional "${name}"`);
  }

  if(condition: unknown, way: () => unknown): this {
    if (this.#cases.length > 0) throw this.#bad("has its first way already; go on with elif");
    return this.elif(condition, way);
  }

  elif(condition: unknown, way: () => unknown): this {
    if (!(condition instanceof Condition)) {
      throw this.#bad("needs a condition, made by comparing outputs: x.gt(1), x.isTrue(), x.eq(y).and(…)");
    }
    this.#checkOpen();
    for (const output of outputsOfCondition(condition.expression)) {
      this.#builder.checkOwn(output, `conditional "${this.#name}"`);
    }
    this.#cases.push({ condition: condition.expression, node: this.#make(way).node });
    return this;
  }

  else(way: () => unknown): AnyCall {
    this.#checkOpen();
    return this.#end({ node: this.#make(way).node });
  }

  fail(message: string): AnyCall {
    this.#checkOpen();
    return this.#end({ error: message });
  }

  #end(otherwise: BranchElse): AnyCall {
    if (this.#cases.length === 0) throw this.#bad("has no way with a condition; begin with if");
    const seen = this.#cases.flatMap(({ condition }: { condition: ConditionExpression }) => [
      ...outputsOfCondition(condition),
    ]);
    const inputs = Object.fromEntries(seen.map((output) => [operandName(output), output]));
    const types = Object.entries(inputs).map(([name, { type }]) => [name, type] as const);
    const branch = new Branch({
      name: this.#name,
      inputs: Object.fromEntries(types),
      outputs: this.#commonOutputs(),
      cases: this.#cases,
      otherwise,
    });
    this.#section.end();
    return this.#builder.add(branch, inputs);
  }

  #make(way: () => unknown): MadeWay {
    const { returned, nodes } = this.#section.collect(way);
    const [node, more] = nodes;
    if (returned instanceof Promise) {
      returned.catch(() => {});
      throw this.#bad("has a way that is async; a way only makes one call");
    }
    if (node === undefined) throw this.#bad("has a way without a call; each makes one, inside its callback");
    if (more !== undefined) {
      throw this.#bad(
        `has a way with ${nodes.length} calls (${nodes.map(({ entity }) => entity.name).join(", ")}); Flyte takes one: put them into a workflow and call that`,
      );
    }
    if (returned !== undefined && nodeOf(returned) !== node) {
      throw this.#bad("has a way that returns something else than its call; return the call itself, or nothing");
    }
    const made = { node, outputs: returned === undefined ? {} : node.entity.outputs };
    this.#made.push(made);
    return made;
  }

  #commonOutputs(): Types {
    const [first, ...others] = this.#made;
    const common = Object.entries(first?.outputs ?? {}).filter(([name, type]) =>
      others.every(({ node, outputs }) => {
        const other = ownValue(outputs, name);
        if (other === undefined || sameType(type, other)) return other !== undefined;
        throw this.#bad(
          `has ways whose outputs "${name}" differ in type: ${type.name} of ${first?.node.entity.name}, ${other.name} of ${node.entity.name}`,
        );
      }),
    );
    return Object.fromEntries(common);
  }

  #checkOpen(): void {
    if (this.#section.ended) throw this.#bad("has ended with else or fail; nothing can be added");
  }

  #bad(why: string): FlyteError {
    return new FlyteError("InvalidDefinition", `${this.#builder.place}: conditional "${this.#name}" ${why}`);
  }
}
