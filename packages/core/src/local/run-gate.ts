import { FlyteContext } from "../context/flyte-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { Gate } from "../graph/gate.ts";
import type { NodeRun } from "../graph/node-behaviour.ts";
import { toLiterals, toNatives } from "../types/conversion.ts";
import { LiteralMap } from "../wire/messages.ts";
import { localTaskContext } from "./local-context.ts";

/**
 * A gate of a workflow that runs here: sleeps by the clock, and asks the run's `gates` for what people decide.
 * @throws FlyteError `Unsupported` where nobody can be asked, `TaskFailed` for a no, `Timeout`.
 */
export async function runGate({ name, gate, timeout, inputs: types, outputs }: Gate, inputs: LiteralMap, run: NodeRun) {
  const { signal, directory, id, options } = run;
  const { context = FlyteContext.default(), gates = {} } = options;
  if (gate.kind === "sleep") {
    await context.clock.sleep(gate.ms, { signal });
    return LiteralMap.create();
  }
  await using conversion = await localTaskContext({ task: name, directory, signal, context });
  const place = { id, name };
  if (gate.kind === "approve") {
    if (gates.approve === undefined) throw nobody(`gate "${name}" waits for approval`, "approve");
    const [value] = Object.values(await toNatives(inputs.literals, types, conversion, "input"));
    const yes = await withinTime((ended) => gates.approve?.({ ...place, value, signal: ended }), run, timeout, name);
    if (yes) return inputs;
    throw new FlyteError("TaskFailed", `gate "${name}" was not approved`);
  }
  if (gates.input === undefined) throw nobody(`gate "${name}" waits for a value (${gate.type.name})`, "input");
  const { type } = gate;
  const value = await withinTime((ended) => gates.input?.({ ...place, type, signal: ended }), run, timeout, name);
  return await toLiterals({ o0: value }, outputs, conversion);
}

/** A timer of Node's that is longer ends at once. */
const longestTimer = 2 ** 31 - 1;

const nobody = (what: string, option: string): FlyteError =>
  new FlyteError("Unsupported", `${what}, and nobody can be asked here: give the run a "gates" with "${option}"`);

/** Asks, and stops asking when the gate's time is over or the run ends. */
async function withinTime<R>(
  ask: (signal: AbortSignal) => R | Promise<R>,
  { signal, options }: NodeRun,
  timeout: number,
  name: string,
): Promise<R> {
  const { clock } = options.context ?? FlyteContext.default();
  const answered = new AbortController();
  const ended = AbortSignal.any([signal, answered.signal]);
  const late = clock.sleep(Math.min(timeout, longestTimer), { signal: ended }).then(() => {
    throw new FlyteError("Timeout", `gate "${name}": nobody answered within ${timeout} ms`);
  });
  try {
    return await Promise.race([ask(ended), late]);
  } finally {
    answered.abort();
    late.catch(() => {});
  }
}
