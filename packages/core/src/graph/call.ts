import { FlyteContext } from "../context/flyte-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { Json } from "../types/objects.ts";
import type { AcceptedOf, NativeOf, OmittableKeys, Types } from "../types/type-transformer.ts";
import type { GraphBuilder } from "./graph-builder.ts";
import type { Node } from "./node.ts";
import { awaitedInBuild, NodeOutput } from "./node-output.ts";
import { type NodeOverrides, overrideNode } from "./node-overrides.ts";
import { isReserved, type reservedOutputNames } from "./variables.ts";

/** Something that stands for the one value `T`: an output, or a call that has one output. */
export type OutputLike<T> = NodeOutput<T> | { readonly "~output": NodeOutput<T> };

/** What an input of type `Accepted`/`Native` takes: a value, an output, or a list or map of both. */
export type InputValue<Native, Accepted> = Accepted | OutputLike<Native> | MixedValue<Native, Accepted>;

/** A list or map with outputs in it. Objects and JSON travel whole: Flyte can put neither together. */
type MixedValue<Native, Accepted> = [Json] extends [Native] ? never : MixedItems<Native, Accepted>;
type MixedItems<Native, Accepted> = Native extends readonly (infer Item)[]
  ? readonly InputValue<Item, Accepted extends readonly (infer Given)[] ? Given : never>[]
  : string extends keyof Native
    ? { readonly [key: string]: InputValue<Native[string & keyof Native], GivenByName<Accepted>> }
    : never;
type GivenByName<Accepted> = Accepted extends { readonly [key: string]: infer Given } ? Given : never;

/** What a call of an entity takes. Optional inputs and those with a default may be left out. */
export type CallInputs<Inputs extends Types> = {
  readonly [K in Exclude<keyof Inputs, OmittableKeys<Inputs>>]: InputValue<NativeOf<Inputs[K]>, AcceptedOf<Inputs[K]>>;
} & {
  readonly [K in OmittableKeys<Inputs>]?: InputValue<NativeOf<Inputs[K]>, AcceptedOf<Inputs[K]>> | undefined;
};

/** The native values of an entity's inputs or outputs, by name. */
export type Natives<T extends Types> = { -readonly [K in keyof T]: NativeOf<T[K]> };

/** One output for every output type, by name. */
export type OutputsOf<Outputs extends Types> = { readonly [K in keyof Outputs]: NodeOutput<NativeOf<Outputs[K]>> };

type IsUnion<T, U = T> = T extends unknown ? ([U] extends [T] ? false : true) : never;
type OnlyKey<T> = [keyof T] extends [never] ? never : IsUnion<keyof T> extends true ? never : keyof T;
type SingleOutput<Outputs extends Types> = [OnlyKey<Outputs>] extends [never]
  ? unknown
  : { readonly "~output": NodeOutput<NativeOf<Outputs[OnlyKey<Outputs>]>> };

/**
 * A call of an entity. Inside `build` it is a node; outside it runs, and can be awaited: `Result` is the native value
 * for an entity with `output`, a record for one with `outputs`.
 */
export type Call<Outputs extends Types, Result> = Pick<Promise<Result>, "then" | "catch" | "finally"> & {
  /** The outputs by name. */
  readonly outputs: OutputsOf<Outputs>;
  /** Makes the other calls wait for this one. Returns the last of them. */
  runsBefore<C extends AnyCall>(...others: readonly [...AnyCall[], C]): C;
  /** Says for this one node what its entity says otherwise: resources, retries, image, … Returns the call. */
  withOverrides(overrides: NodeOverrides): Call<Outputs, Result>;
} & Omit<OutputsOf<Outputs>, (typeof reservedOutputNames)[number]> &
  SingleOutput<Outputs>;

/** Any call at all. */
export interface AnyCall {
  readonly outputs: Readonly<Record<string, NodeOutput<unknown>>>;
}

const nodes = Symbol.for("flyte-ts.call-node");

/** The node that a call made; undefined for a call outside `build`, and for anything else. */
export function nodeOf(call: unknown): Node | undefined {
  if (typeof call !== "object" || call === null) return undefined;
  return (call as { [nodes]?: Node })[nodes];
}

/** The one output that a value stands for, if it is an output or a call with one output. */
export function asOutput(value: unknown): NodeOutput<unknown> | undefined {
  if (NodeOutput.is(value)) return value;
  if (typeof value !== "object" || value === null || !("~output" in value)) return undefined;
  const output = value["~output"];
  return NodeOutput.is(output) ? output : undefined;
}

/** True for a call. */
export function isCall(value: unknown): value is AnyCall {
  return typeof value === "object" && value !== null && nodes in value;
}

/**
 * The call that a node of the graph stands behind.
 * @param builder the graph's.
 * @param awaited what awaiting it, or one of its outputs, gives; an error that says why not by default.
 */
export function nodeCall(
  builder: GraphBuilder,
  node: Node,
  outputTypes: Types,
  awaited?: (value: unknown) => Promise<unknown>,
): AnyCall {
  const source = awaited === undefined ? ({ kind: "node", node } as const) : ({ kind: "node", node, awaited } as const);
  const outputs = Object.entries(outputTypes).map(
    ([name, type]) => [name, new NodeOutput(source, name, type)] as const,
  );
  const result = (): Promise<unknown> =>
    awaited === undefined ? Promise.reject(awaitedInBuild(`${node.id} (${node.entity.name})`)) : awaited(call);
  const call: AnyCall = callOf(Object.fromEntries(outputs), result, node, builder);
  return call;
}

/**
 * A call that runs here and now. It has begun already; a rejection surfaces when something awaits it, never as an
 * unhandled one.
 */
export function runningCall(natives: Promise<Natives<Types>>, outputTypes: Types, unwrapped: boolean): AnyCall {
  natives.catch(() => {});
  const outputs = Object.entries(outputTypes).map(([name, type]) => {
    const value = async (): Promise<unknown> => (await natives)[name];
    return [name, new NodeOutput({ kind: "run", value }, name, type)] as const;
  });
  const result = async (): Promise<unknown> => {
    const values = await natives;
    const [only] = Object.keys(outputTypes);
    return unwrapped ? (only === undefined ? undefined : values[only]) : values;
  };
  return callOf(Object.fromEntries(outputs), result);
}

function callOf(
  outputs: Readonly<Record<string, NodeOutput<unknown>>>,
  result: () => Promise<unknown>,
  node?: Node,
  builder?: GraphBuilder,
): AnyCall {
  const all = Object.values(outputs);
  const named = Object.fromEntries(Object.entries(outputs).filter(([name]) => !isReserved(name)));
  return {
    ...named,
    ...(all.length === 1 ? { "~output": all[0] } : {}),
    outputs,
    [nodes]: node,
    runsBefore(...others: readonly AnyCall[]): AnyCall | undefined {
      const current = FlyteContext.default().builders.at(-1) ?? (builder?.open === true ? builder : undefined);
      for (const other of others) order(current, node, nodeOf(other));
      return others.at(-1);
    },
    withOverrides(overrides: NodeOverrides): AnyCall {
      overrideNode(required(node, "withOverrides changes"), overrides);
      return this as AnyCall;
    },
    // biome-ignore lint/suspicious/noThenProperty: a call is awaitable by design
    then: (...handlers: Parameters<Promise<unknown>["then"]>) => result().then(...handlers),
    catch: (...handlers: Parameters<Promise<unknown>["catch"]>) => result().catch(...handlers),
    finally: (...handlers: Parameters<Promise<unknown>["finally"]>) => result().finally(...handlers),
  } as AnyCall;
}

function required(node: Node | undefined, does: string): Node {
  if (node !== undefined) return node;
  throw new FlyteError("InvalidDefinition", `${does} the nodes of a workflow; outside of build just await the call`);
}

/** @throws FlyteError `InvalidDefinition` where there is nothing to order. */
function order(builder: GraphBuilder | undefined, first: Node | undefined, then: Node | undefined): void {
  if (builder === undefined || first === undefined || then === undefined) {
    throw new FlyteError(
      "InvalidDefinition",
      "runsBefore orders the nodes of a workflow while it is built; outside of build await the call",
    );
  }
  builder.order(first, then);
}
