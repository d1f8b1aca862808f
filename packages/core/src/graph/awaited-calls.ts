import { isRecord } from "../types/collections.ts";
import { isCall } from "./call.ts";
import { awaitedInBuild, NodeOutput } from "./node-output.ts";

/**
 * The calls that an async function of a dynamic task awaited. JavaScript awaits whatever such a function returns, so to
 * await a call and return it at once is right, and to await it for its value is not: both look alike until the function
 * has ended. So awaiting gives a symbol, with which nothing can be calculated, and all symbols must come back.
 */
export class AwaitedCalls {
  readonly #calls = new Map<symbol, unknown>();

  /** What awaiting a call, or an output of one, gives. */
  readonly stand = (value: unknown): Promise<unknown> => {
    const symbol = Symbol(`${nameOf(value)}, which has no value yet`);
    this.#calls.set(symbol, value);
    return Promise.resolve(symbol);
  };

  /**
   * What the function returned in the end, with calls where symbols stood for them; in a list, since a call by itself
   * would be awaited again.
   * @throws what the function throws; FlyteError `InvalidDefinition` that names a call whose value was asked for.
   */
  async around(returned: Promise<unknown>): Promise<readonly [unknown]> {
    const [end] = await Promise.allSettled([returned]);
    const missing = new Map(this.#calls);
    const restored = (value: unknown): unknown => {
      if (typeof value === "symbol" && this.#calls.has(value)) {
        missing.delete(value);
        return this.#calls.get(value);
      }
      if (Array.isArray(value)) return value.map(restored);
      if (!isRecord<unknown>(value) || isCall(value)) return value;
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, restored(item)]));
    };
    const result = end.status === "fulfilled" ? restored(end.value) : undefined;
    for (const value of missing.values()) throw awaitedInBuild(nameOf(value));
    if (end.status === "rejected") throw end.reason;
    return [result];
  }
}

function nameOf(value: unknown): string {
  if (NodeOutput.is(value)) return value.name;
  const [first] = isCall(value) ? Object.values(value.outputs) : [];
  return first?.source.kind === "node" ? `${first.source.node.id} (${first.source.node.entity.name})` : "a call";
}
