import { FlyteError } from "../errors/flyte-error.ts";
import type { Json } from "../types/objects.ts";
import type { AnyType } from "../types/type-transformer.ts";
import { type ComparedWith, type Condition, comparison, type OrderedWith } from "./condition.ts";
import type { Node } from "./node.ts";
import { type PathStep, partOf, partOfValue } from "./part-of.ts";

/** The steps that lead into a value of type `T`: indexes of a list, names of an object or map. */
type StepOf<T> = [Json] extends [T] ? PathStep : null extends T ? never : OwnStepOf<T>;
type OwnStepOf<T> = T extends readonly unknown[]
  ? number
  : T extends string | number | bigint | boolean | Date | Uint8Array
    ? never
    : keyof T & string;

/** The part of a value behind a step. */
type PartOf<T, K> = [Json] extends [T] ? T : K extends keyof T ? T[K] : never;

/** Where an output comes from: a node of the graph, the workflow's own inputs, or a call that runs here and now. */
export type OutputSource =
  | { readonly kind: "node"; readonly node: Node; readonly awaited?: (value: unknown) => Promise<unknown> }
  | { readonly kind: "input" }
  | { readonly kind: "run"; readonly value: () => Promise<unknown> };

const marker: unique symbol = Symbol.for("flyte-ts.node-output");

/**
 * One output of a call. Inside `build` it stands for a value that will be there when the workflow runs; outside it is
 * the value of the call that runs, and can be awaited.
 */
export class NodeOutput<out T> implements PromiseLike<T> {
  /** Only for inference. */
  declare readonly "~native"?: T;
  readonly source: OutputSource;
  /** The name of the output, or of the workflow's input. */
  readonly variable: string;
  readonly type: AnyType;
  /** The way into the value; empty for the whole. */
  readonly path: readonly PathStep[];

  constructor(source: OutputSource, variable: string, type: AnyType, path: readonly PathStep[] = []) {
    this.source = source;
    this.variable = variable;
    this.type = type;
    this.path = path;
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for a value of this class, of whichever copy of the package. */
  static is(value: unknown): value is NodeOutput<unknown> {
    return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[marker] === true;
  }

  /**
   * A part of the value: `order.at("lines", 0, "price")`.
   * @throws FlyteError `InvalidDefinition` for a part that the type does not have, or that Flyte cannot reach.
   */
  // by `this`, not by the class's parameter: an output of `number` stays one of `number | null`
  at<V, K extends StepOf<V>>(this: NodeOutput<V>, step: K): NodeOutput<PartOf<V, K>>;
  at<V, K extends StepOf<V>, L extends StepOf<PartOf<V, K>>>(
    this: NodeOutput<V>,
    step: K,
    next: L,
  ): NodeOutput<PartOf<PartOf<V, K>, L>>;
  at<V, K extends StepOf<V>, L extends StepOf<PartOf<V, K>>, M extends StepOf<PartOf<PartOf<V, K>, L>>>(
    this: NodeOutput<V>,
    step: K,
    next: L,
    last: M,
  ): NodeOutput<PartOf<PartOf<PartOf<V, K>, L>, M>>;
  at(this: NodeOutput<unknown>, ...steps: readonly PathStep[]): NodeOutput<unknown> {
    const { source, variable } = this;
    return steps.reduce<NodeOutput<unknown>>((whole, step) => {
      const type = partOf(whole.type, step, whole.name);
      const path = [...whole.path, step];
      if (source.kind !== "run" || whole.source.kind !== "run") return new NodeOutput(source, variable, type, path);
      const { value } = whole.source;
      const part = async (): Promise<unknown> => partOfValue(await value(), step, whole.name);
      return new NodeOutput({ kind: "run", value: part }, variable, type, path);
    }, this);
  }

  /** The condition that it equals an output of its type, or a constant. */
  eq<V>(this: NodeOutput<V>, other: ComparedWith<V>): Condition {
    return comparison(this, "eq", other);
  }

  /** The condition that it does not equal an output of its type, or a constant. */
  ne<V>(this: NodeOutput<V>, other: ComparedWith<V>): Condition {
    return comparison(this, "ne", other);
  }

  /** The condition that it is greater. Times and durations count in whole seconds, with all comparisons. */
  gt<V>(this: NodeOutput<V>, other: OrderedWith<V>): Condition {
    return comparison(this, "gt", other);
  }

  /** The condition that it is greater or equal. */
  gte<V>(this: NodeOutput<V>, other: OrderedWith<V>): Condition {
    return comparison(this, "gte", other);
  }

  /** The condition that it is less. */
  lt<V>(this: NodeOutput<V>, other: OrderedWith<V>): Condition {
    return comparison(this, "lt", other);
  }

  /** The condition that it is less or equal. */
  lte<V>(this: NodeOutput<V>, other: OrderedWith<V>): Condition {
    return comparison(this, "lte", other);
  }

  /** The condition that a boolean is true. */
  isTrue(this: NodeOutput<boolean>): Condition {
    return comparison(this, "eq", true);
  }

  /** The condition that a boolean is false. */
  isFalse(this: NodeOutput<boolean>): Condition {
    return comparison(this, "eq", false);
  }

  /** How messages call it: `n0.rows.price`. */
  get name(): string {
    const of = this.source.kind === "node" ? `${this.source.node.id}.` : this.source.kind === "input" ? "input " : "";
    return [`${of}${this.variable}`, ...this.path].join(".");
  }

  #value(): Promise<unknown> {
    const { source } = this;
    if (source.kind === "run") return source.value();
    if (source.kind === "node" && source.awaited !== undefined) return source.awaited(this);
    return Promise.reject(awaitedInBuild(this.name));
  }

  // biome-ignore lint/suspicious/noThenProperty: an output is awaitable by design
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return (this.#value() as Promise<T>).then(onFulfilled, onRejected);
  }
}

/** The error for an `await` inside `build`, or inside a dynamic task's function. */
export function awaitedInBuild(name: string): FlyteError {
  return new FlyteError(
    "InvalidDefinition",
    `${name} has no value yet: "build" only wires the graph, and so does the function of a dynamic task: no call can be awaited in it; pass the output on to a task instead`,
  );
}
