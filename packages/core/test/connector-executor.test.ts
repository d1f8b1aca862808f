import assert from "node:assert/strict";
import {
  type AsyncConnector,
  ConnectorExecutor,
  definePlugin,
  FlyteError,
  type JobContext,
  LiteralMap,
  TaskTemplate,
} from "@flyte-ts/core/plugin";
import { shimExecutorContract } from "@flyte-ts/core/testing";
import * as v from "valibot";
import { expect, test } from "vitest";

/** Multiplies its input, as a job. */
class Times implements AsyncConnector<{ readonly product: string }> {
  readonly name = "Times";
  readonly meta = { version: 1, schema: v.object({ product: v.string() }) };
  async create({ template, nativeInputs }: Parameters<AsyncConnector["create"]>[0]) {
    const factor = template.custom?.factor;
    if (typeof factor !== "number") throw new FlyteError("InvalidDefinition", "custom.factor must be a number");
    return { product: String(BigInt(factor) * ((await nativeInputs()).x as bigint)) };
  }
  async get({ meta }: JobContext<{ readonly product: string }>) {
    return { phase: "SUCCEEDED" as const, outputs: { product: BigInt(meta.product) } };
  }
  async delete(): Promise<void> {}
}

const type = { simple: "INTEGER" };
const template = (factor: unknown): TaskTemplate =>
  TaskTemplate.fromJson({
    type: "times-pod",
    interface: { inputs: { variables: { x: { type } } }, outputs: { variables: { product: { type } } } },
    custom: { factor },
  } as never);

shimExecutorContract({
  test,
  manifest: definePlugin({
    specVersion: 1,
    name: "times",
    version: "1.0.0",
    provides: {
      connectors: { times: async () => new Times() },
      executors: { "times-pod": async () => new ConnectorExecutor(async () => new Times()) },
    },
  }),
  taskType: "times-pod",
  subject: async () => ({
    template: template(3),
    inputs: { x: 2n },
    check: async (outputs) => {
      const product = { scalar: { primitive: { integer: "6" } } };
      assert.deepEqual(LiteralMap.toJson(outputs), { literals: { product } });
    },
    mistakes: { "a factor that is a text": { template: template("three"), inputs: { x: 2n } } },
  }),
});

test("a connector that cannot be loaded is the executor's error", async () => {
  const executor = new ConnectorExecutor(async () => {
    throw new Error("no such package");
  });
  await expect(executor.executeFromModel(template(3), { x: 2n }, {} as never)).rejects.toThrow("no such package");
});
