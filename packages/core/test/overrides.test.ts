import { toJson } from "@bufbuild/protobuf";
import {
  accelerators,
  compile,
  FlyteContext,
  FlyteError,
  mapTask,
  type NodeOverrides,
  t,
  task,
  workflow,
} from "@flyte-ts/core";
import { type Clock, runWorkflowHere, systemClock } from "@flyte-ts/core/plugin";
import { NodeSchema } from "@flyte-ts/idl/core";
import { describe, expect, expectTypeOf, test } from "vitest";

const settings = { project: "p", domain: "d", version: "v", module: "m.ts", image: "img:1", environment: { E: "1" } };

const t1 = task({
  name: "t1",
  inputs: { a: t.int },
  outputs: { c: t.string, d: t.int },
  run: ({ a }) => ({ c: `${a}`, d: a }),
});
const inner = workflow({ name: "inner", inputs: { a: t.int }, build: ({ a }) => t1({ a }).c });

/** The node of a call with overrides, as Flyte gets it. */
async function node(overrides: NodeOverrides): Promise<Record<string, unknown>> {
  const flow = workflow({ name: "flow", build: () => t1({ a: 1 }).withOverrides(overrides).c });
  const { workflows } = await compile(flow, settings);
  return toJson(NodeSchema, workflows[0]?.template?.nodes[0] as never) as Record<string, unknown>;
}

const refused = (overrides: object): string => {
  try {
    workflow({ name: "flow", build: () => t1({ a: 1 }).withOverrides(overrides).c });
  } catch (error) {
    if (FlyteError.is(error) && error.code === "InvalidDefinition") return error.message;
    throw error;
  }
  return "accepted";
};

test("without overrides a node has its task's retries, timeout and interruptible", async () => {
  expect(await node({})).toMatchObject({ id: "n0", metadata: { name: "t1", retries: {} } });
  expect((await node({})).taskNode).toMatchObject({ overrides: {} });
});

test("every override stands where flytekit puts it", async () => {
  const podTemplate = {
    spec: {
      containers: [
        { name: "primary", env: [{ name: "A", value: "1" }] },
        { name: "side", image: "side:1" },
      ],
    },
    labels: { l: "1" },
    annotations: { n: "2" },
  };
  const message = await node({
    nodeName: "my-node",
    name: "shown",
    aliases: { c: "res" },
    requests: { cpu: 1, gpu: "1" },
    limits: { cpu: "2", memory: "3Gi", ephemeralStorage: "1Gi", gpu: "1" },
    timeout: 30_000,
    retries: 3,
    interruptible: false,
    cache: { version: "1", serialize: true },
    containerImage: "im:2",
    accelerator: accelerators.A100.unpartitioned,
    sharedMemory: true,
    podTemplate,
  });
  const { inputs: _, ...rest } = message;
  expect(rest).toEqual({
    id: "my-node",
    metadata: {
      name: "shown",
      timeout: "30s",
      retries: { retries: 3 },
      interruptible: false,
      cacheable: true,
      cacheVersion: "1",
      cacheSerializable: true,
    },
    outputAliases: [{ var: "c", alias: "res" }],
    taskNode: {
      referenceId: { resourceType: "TASK", project: "p", domain: "d", name: "t1", version: "v" },
      overrides: {
        resources: {
          requests: [
            { name: "CPU", value: "1" },
            { name: "GPU", value: "1" },
          ],
          limits: [
            { name: "CPU", value: "2" },
            { name: "MEMORY", value: "3Gi" },
            { name: "GPU", value: "1" },
            { name: "EPHEMERAL_STORAGE", value: "1Gi" },
          ],
        },
        extendedResources: {
          gpuAccelerator: { device: "nvidia-tesla-a100", unpartitioned: true },
          sharedMemory: { mountName: "flyte-shared-memory", mountPath: "/dev/shm" },
        },
        containerImage: "im:2",
        podTemplate: {
          metadata: { labels: { l: "1" }, annotations: { n: "2" } },
          podSpec: {
            containers: [
              {
                name: "primary",
                image: "img:1",
                command: [],
                args: expect.arrayContaining(["flyte-ts-execute", "t1"]),
                env: [
                  { name: "E", value: "1" },
                  { name: "A", value: "1" },
                ],
              },
              { name: "side", image: "side:1" },
            ],
          },
          primaryContainerName: "primary",
        },
      },
    },
  });
});

test("the cache of a node may be turned off, or be a version alone", async () => {
  expect((await node({ cache: false })).metadata).toMatchObject({ cacheable: false });
  expect((await node({ cache: "2" })).metadata).toMatchObject({ cacheable: true, cacheVersion: "2" });
  expect((await node({ timeout: 0 })).metadata).not.toHaveProperty("timeout");
});

test("what is bound to an output with an alias is bound to the alias, as Flyte's compiler wants", async () => {
  const aliased = workflow({
    name: "aliased",
    build: () => {
      const first = t1({ a: 1 }).withOverrides({ aliases: { d: "number" } });
      return { c: first.c, d: t1({ a: first.d }).d };
    },
  });
  const { template } = (await compile(aliased, settings)).workflows[0] ?? {};
  expect(template?.nodes[1]?.inputs[0]?.binding?.value.value).toMatchObject({ nodeId: "n0", var: "number" });
  expect(template?.outputs[0]?.binding?.value.value).toMatchObject({ nodeId: "n0", var: "c" });
  expect(await aliased()).toEqual({ c: "1", d: 1 });
});

test("a map passes them on to the task that it maps, and keeps its own id and aliases", async () => {
  const same = task({ name: "same", inputs: { a: t.int }, output: t.int, run: ({ a }) => a });
  const mapped = workflow({
    name: "mapped",
    inputs: { xs: t.list(t.int) },
    build: ({ xs }) =>
      mapTask(same)({ a: xs }).withOverrides({ nodeName: "all", name: "shown", retries: 3, requests: { cpu: 1 } }),
  });
  const message = (await compile(mapped, settings)).workflows[0]?.template?.nodes[0];
  expect(message?.id).toBe("all");
  expect(toJson(NodeSchema, message as never)).toMatchObject({
    arrayNode: {
      node: {
        metadata: { name: "shown", retries: { retries: 3 } },
        taskNode: { overrides: { resources: { requests: [{ name: "CPU", value: "1" }] } } },
      },
    },
  });
});

test("the call keeps its types and its outputs, and another node's name is what others refer to", async () => {
  const flow = workflow({
    name: "named",
    build: () => {
      const first = t1({ a: 1 }).withOverrides({ nodeName: "first" }).withOverrides({ retries: 2 });
      expectTypeOf(first).resolves.toEqualTypeOf<{ c: string; d: number }>();
      // @ts-expect-error there is no such override
      expect(() => first.withOverrides({ cpu: "1" })).toThrow('there is no override "cpu"');
      return t1({ a: first.d }).d;
    },
  });
  const build = () => {
    const first = t1({ a: 1 }).withOverrides({ nodeName: "first" });
    // @ts-expect-error a string is no int
    return t1({ a: first.c });
  };
  expect(() => workflow({ name: "w", build })).toThrow('input "a" takes int, but first.c of t1 is string');
  const { workflows } = await compile(flow, settings);
  const nodes = workflows[0]?.template?.nodes ?? [];
  expect(nodes.map(({ id }) => id)).toEqual(["first", "n1"]);
  expect(nodes[1]?.upstreamNodeIds).toEqual(["first"]);
  expect(nodes[0]?.metadata?.retries?.retries).toBe(2);
});

describe("what is refused", () => {
  test.each([
    [{ nodeName: "My_Node" }, 'n0 (t1): the override nodeName is "My_Node"; it must be a letter'],
    [{ nodeName: "efn" }, "another name: Flyte has a node of this one"],
    [{ aliases: { x: "y" } }, "the override aliases.x"],
    [{ aliases: { c: "d" } }, "it must be a name that no other output has"],
    [{ aliases: { c: "my-c" } }, 'the override aliases.c is "my-c"; it must be a name: letters, digits and _'],
    [{ requests: { cpu: "1 core" } }, 'n0 (t1), overrides: resources.requests.cpu is "1 core"'],
    [{ requests: { memory: "2Gi" }, limits: { memory: "1Gi" } }, "it must be at most its limit, 1Gi"],
    [{ timeout: -1 }, "the override timeout is -1"],
    [{ retries: 1.5 }, "the override retries is 1.5"],
    [{ cache: true }, "the override cache is true"],
    [{ containerImage: "" }, "the override containerImage"],
    [{ sharedMemory: "much" }, 'sharedMemory is "much"'],
    [{ podTemplate: { spec: { containers: [{ name: "side" }] } } }, 'a container "side" without an image'],
    [{ memory: "1Gi" }, 'there is no override "memory"'],
  ])("%j", (overrides, message) => {
    expect(refused(overrides)).toContain(message);
  });

  test("two nodes of one name, which Flyte would take for one", () => {
    const build = () => {
      t1({ a: 1 }).withOverrides({ nodeName: "n1" });
      return t1({ a: 2 }).c;
    };
    expect(() => workflow({ name: "twice", build })).toThrow('are both the node "n1"; give one another nodeName');
  });

  test("no retries where the task has some: Flyte would take the task's", () => {
    const retried = task({ name: "retried", retries: 2, run: () => {} });
    const build = () => void retried().withOverrides({ retries: 0 });
    expect(() => workflow({ name: "w", build })).toThrow("above 0, as Flyte would leave the task's own 2");
  });

  test("a container's overrides on a node that runs none", async () => {
    const flow = workflow({ name: "sub", build: () => inner({ a: 1 }).withOverrides({ containerImage: "i:2" }) });
    await expect(compile(flow, settings)).rejects.toThrow(
      "n0 (inner): only a task's node takes the override containerImage",
    );
    const named = workflow({ name: "named", build: () => inner({ a: 1 }).withOverrides({ name: "shown" }) });
    expect((await compile(named, settings)).workflows[1]?.template?.nodes[0]?.metadata?.name).toBe("shown");
  });

  test("outside of build there is no node", () => {
    expect(() => t1({ a: 1 }).withOverrides({ retries: 1 })).toThrow("withOverrides changes the nodes of a workflow");
  });
});

describe("here", () => {
  test("a recoverable failure is tried again as often as the node says", async () => {
    const attempts: number[] = [];
    const flaky = task({
      name: "flaky",
      inputs: { code: t.string },
      output: t.int,
      run: ({ code }, { execution: { attempt } }) => {
        attempts.push(attempt);
        if (attempt < 2) throw new FlyteError(code as "Recoverable", "not yet");
        return attempt;
      },
    });
    const flow = workflow({
      name: "flaky-flow",
      inputs: { code: t.string },
      build: ({ code }) => flaky({ code }).withOverrides({ retries: 2 }),
    });
    expect(await flow({ code: "Recoverable" })).toBe(2);
    expect(attempts.splice(0)).toEqual([0, 1, 2]);
    await expect(flow({ code: "TaskFailed" })).rejects.toThrow("not yet");
    expect(attempts).toEqual([0]);
  });

  test("an attempt ends at the node's timeout", async () => {
    let late: (() => void) | undefined;
    const clock: Clock = {
      ...systemClock,
      sleep: (ms, { signal } = {}) =>
        new Promise((resolve, reject) => {
          expect(ms).toBe(5000);
          late = resolve;
          signal?.addEventListener("abort", () => reject(signal.reason));
        }),
    };
    const slow = task({
      name: "slow",
      run: (_, { signal }) =>
        new Promise<void>((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
          late?.();
        }),
    });
    const flow = workflow({ name: "slow-flow", build: () => void slow().withOverrides({ timeout: 5000 }) });
    await expect(runWorkflowHere(flow, {}, { context: new FlyteContext({ clock }) })).rejects.toMatchObject({
      code: "Timeout",
      message: "node n0 (slow): task slow took more than its timeout of 5000 ms",
    });
  });
});
