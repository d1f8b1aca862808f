import assert from "node:assert/strict";
import {
  FlyteError,
  LiteralMap,
  type PluginManifest,
  type ShimTaskExecutor,
  TaskTemplate,
} from "@flyte-ts/core/plugin";
import { shimExecutorContract } from "@flyte-ts/core/testing";
import { describe, expect, test } from "vitest";

const type = { simple: "INTEGER" };
const template = (factor: unknown): TaskTemplate =>
  TaskTemplate.fromJson({
    type: "times",
    interface: { inputs: { variables: { x: { type } } }, outputs: { variables: { product: { type } } } },
    custom: { factor },
  } as never);

/** Multiplies its input: an executor that does all it should. */
class Times implements ShimTaskExecutor {
  async executeFromModel(
    { custom }: TaskTemplate,
    { x }: Readonly<Record<string, unknown>>,
    { signal }: Parameters<ShimTaskExecutor["executeFromModel"]>[2],
  ): Promise<Readonly<Record<string, unknown>>> {
    signal.throwIfAborted();
    if (typeof custom?.factor !== "number") throw new FlyteError("InvalidDefinition", "custom.factor must be a number");
    return { product: BigInt(custom.factor) * (x as bigint) };
  }
}

const good: PluginManifest = {
  specVersion: 1,
  name: "times",
  version: "1.0.0",
  provides: { executors: { times: async () => new Times() } },
};

const withExecutor = (executor: ShimTaskExecutor): PluginManifest => ({
  ...good,
  provides: { executors: { times: async () => executor } },
});

/** Runs the suite without a test runner; gives the names of the cases that failed. */
async function failing(manifest: PluginManifest): Promise<string[]> {
  const cases: { readonly name: string; readonly run: () => Promise<void> }[] = [];
  shimExecutorContract({
    test: (name, run) => cases.push({ name, run }),
    manifest,
    taskType: "times",
    subject: async () => ({
      template: template(3),
      inputs: { x: 2n },
      check: async (outputs) => {
        const { literals } = LiteralMap.toJson(outputs) as { literals: unknown };
        assert.deepEqual(literals, { product: { scalar: { primitive: { integer: "6" } } } });
      },
      mistakes: { "a factor that is a text": { template: template("three"), inputs: { x: 2n } } },
    }),
  });
  const failed: string[] = [];
  for (const { name, run } of cases) {
    await run().catch(() => failed.push(name));
  }
  return failed;
}

const cases = {
  manifest: "the manifest says who it is, for a version of the contracts that is served",
  runs: "a task runs from its template, and gives the outputs that this declares",
  kept: "template and inputs are left as they are",
  apart: "runs at the same time do not meet",
  aborted: "a run whose signal is aborted ends with an error, and writes no outputs",
  mistakes: "a user's mistake is a FlyteError of kind user that is not recoverable, and writes no outputs",
};

/** Every bug that the suite has to find: the case that shows it, and the plugin that has it. */
const bugs: readonly (readonly [string, PluginManifest])[] = [
  [cases.manifest, { ...good, version: "" }],
  [
    cases.kept,
    withExecutor(
      new (class extends Times {
        override async executeFromModel(...[given, inputs, context]: Parameters<Times["executeFromModel"]>) {
          const outputs = await super.executeFromModel(given, inputs, context);
          given.custom = { ...given.custom, seen: true };
          return outputs;
        }
      })(),
    ),
  ],
  [
    cases.apart,
    withExecutor(
      new (class extends Times {
        #running = 0;
        override async executeFromModel(...[given, inputs, context]: Parameters<Times["executeFromModel"]>) {
          const before = this.#running++;
          await Promise.resolve();
          const outputs = await super.executeFromModel(given, inputs, context).finally(() => this.#running--);
          return before === 0 ? outputs : { product: 0n };
        }
      })(),
    ),
  ],
  [
    cases.aborted,
    withExecutor(
      new (class extends Times {
        override executeFromModel(...[given, inputs, context]: Parameters<Times["executeFromModel"]>) {
          return super.executeFromModel(given, inputs, { ...context, signal: new AbortController().signal });
        }
      })(),
    ),
  ],
  [
    cases.mistakes,
    withExecutor(
      new (class extends Times {
        override async executeFromModel(...[given, inputs, context]: Parameters<Times["executeFromModel"]>) {
          return super.executeFromModel(given, inputs, context).catch((error: Error) => {
            throw context.signal.aborted ? error : new Error(error.message);
          });
        }
      })(),
    ),
  ],
];

describe("the suite of shim executors", () => {
  test("passes an executor that does all it should", async () => {
    expect(await failing(good)).toEqual([]);
  });

  test.each(bugs)("shows a planted bug in its case: %s", async (name, manifest) => {
    expect(await failing(manifest)).toEqual([name]);
  });

  test("shows outputs that are missing, and a task type that nobody serves", async () => {
    const empty = withExecutor({ executeFromModel: async () => ({}) });
    expect(await failing(empty)).toContain(cases.runs);
    expect(await failing({ ...good, provides: {} })).toContain(cases.runs);
  });
});
