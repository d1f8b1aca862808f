import { FlyteContext } from "../context/flyte-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { AnyType, NativeOf, TypeTransformer } from "../types/type-transformer.ts";
import { type AnyCall, asOutput, type Call, type OutputLike } from "./call.ts";
import { Gate, type GateCondition, type GateOptions } from "./gate.ts";
import type { NodeOutput } from "./node-output.ts";

/** The call of an approval: the value that was approved, under the name that it had. */
export interface ApprovalCall<T> extends AnyCall {
  readonly outputs: Readonly<Record<string, NodeOutput<T>>>;
  readonly "~output": NodeOutput<T>;
  /** Makes the other calls wait for this one. Returns the last of them. */
  runsBefore<C extends AnyCall>(...others: readonly [...AnyCall[], C]): C;
}

/**
 * Lets a value pass once a person has approved it. Whoever uses the result waits for that.
 * @param value one whole output of a node.
 * @param name the signal's id, which the person answers to.
 * @throws FlyteError `InvalidDefinition` outside of `build`, and for a part of an output.
 */
export function approve<T>(value: OutputLike<T>, name: string, options: GateOptions = {}): ApprovalCall<T> {
  const output = asOutput(value);
  if (output === undefined)
    throw bad(`approve "${name}"`, "needs an output of a call; nothing else waits for approval");
  if (output.path.length > 0) {
    throw bad(`approve "${name}"`, `Flyte lets whole outputs pass only, and ${output.name} is a part of one`);
  }
  const inputs = { [output.variable]: output.type };
  return added("approve", name, { kind: "approve" }, options, inputs, inputs, { [output.variable]: output }) as never;
}

/**
 * A value that a person gives while the workflow runs.
 * @param name the signal's id, which the person answers to.
 * @throws FlyteError `InvalidDefinition` outside of `build`.
 */
export function waitForInput<T extends AnyType>(
  name: string,
  type: T,
  options: GateOptions = {},
): Call<{ readonly o0: TypeTransformer<NativeOf<T>, NativeOf<T>> }, NativeOf<T>> {
  return added("waitForInput", name, { kind: "input", type }, options, {}, { o0: type }, {}) as never;
}

/**
 * Waits; order it with `runsBefore`.
 * @param ms how long, in milliseconds.
 * @throws FlyteError `InvalidDefinition` outside of `build`, and for no length of time.
 */
export function sleep(ms: number): Call<Record<never, never>, undefined> {
  if (!(ms > 0 && Number.isFinite(ms))) throw bad("sleep", `${ms} is no number of milliseconds above 0`);
  return added("sleep", "sleep-gate", { kind: "sleep", ms }, {}, {}, {}, {}) as never;
}

function added(
  what: string,
  name: string,
  condition: GateCondition,
  { timeout }: GateOptions,
  inputs: Readonly<Record<string, AnyType>>,
  outputs: Readonly<Record<string, AnyType>>,
  given: Readonly<Record<string, unknown>>,
): AnyCall {
  const builder = FlyteContext.default().builders.at(-1);
  if (builder === undefined) throw bad(`${what} "${name}"`, `stands outside of a workflow; use it inside "build"`);
  if (name === "") throw bad(what, "needs a name, by which people find it");
  if (timeout !== undefined && !(timeout > 0)) {
    throw bad(`${what} "${name}"`, `timeout is ${timeout}; it must be a number of milliseconds above 0`);
  }
  return builder.add(new Gate(name, condition, inputs, outputs, timeout), given);
}

const bad = (place: string, why: string): FlyteError => new FlyteError("InvalidDefinition", `${place}: ${why}`);
