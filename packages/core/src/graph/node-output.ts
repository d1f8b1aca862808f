import { FlyteError } from "../errors/flyte-error.ts";
import { itemTypeOf } from "../types/collections.ts";
import { JsonType, ObjectType } from "../types/objects.ts";
import { OptionalType } from "../types/optional.ts";
import type { AnyType } from "../types/type-transformer.ts";
import { type ComparedWith, type Condition, comparison, type OrderedWith } from "./condition.ts";
import type { Node } from "./node.ts";

/** A step into a value: a field's or map's key, or a list's index. */
export type PathStep = string | number;

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

  /** A part of the value: `order.at("lines", 0, "price")`. */
  at<K extends keyof T & PathStep>(step: K): NodeOutput<T[K]>;
  at<K extends keyof T & PathStep, L extends keyof T[K] & PathStep>(step: K, next: L): NodeOutput<T[K][L]>;
  at<K extends keyof T & PathStep, L extends keyof T[K] & PathStep, M extends keyof T[K][L] & PathStep>(
    step: K,
    next: L,
    last: M,
  ): NodeOutput<T[K][L][M]>;
  at(...steps: readonly PathStep[]): NodeOutput<unknown> {
    const type = steps.reduce<AnyType>((of, step) => partOf(of, step, this.name), this.type);
    if (this.source.kind !== "run") return new NodeOutput(this.source, this.variable, type, [...this.path, ...steps]);
    const { value } = this.source;
    const part = async (): Promise<unknown> =>
      steps.reduce<unknown>((whole, step) => (whole as Record<PathStep, unknown>)[step], await value());
    return new NodeOutput({ kind: "run", value: part }, this.variable, type);
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
    `${name} has no value yet: "build" (like the function of a dynamic task) only wires the graph, so no call can be awaited in it; pass the output on to a task instead`,
  );
}

function partOf(type: AnyType, step: PathStep, name: string): AnyType {
  if (type instanceof JsonType) return type;
  if (type instanceof ObjectType && typeof step === "string") {
    const field = (type.fields as Record<string, AnyType>)[step];
    if (field !== undefined) return field;
    throw new FlyteError(
      "InvalidDefinition",
      `${name} has no field "${step}"; it has ${Object.keys(type.fields).join(", ")}`,
    );
  }
  if (type instanceof OptionalType) return partOf(type.item as AnyType, step, name);
  const part = itemTypeOf(type) ?? type.partAt(step);
  if (part !== undefined) return part;
  throw new FlyteError("InvalidDefinition", `${name} is ${type.name}, which has no part "${step}"`);
}
