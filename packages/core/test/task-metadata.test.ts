import { toJson } from "@bufbuild/protobuf";
import { accelerators, compile, t, task } from "@flyte-ts/core";
import { TaskSpecSchema } from "@flyte-ts/idl/admin";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const settings = { project: "p", domain: "d", version: "v", module: "m.ts", image: "img:1", environment: { E: "1" } };

type Json = Record<string, Record<string, unknown>>;

/** A task of some options, as Flyte registers it. */
async function spec(options: object): Promise<Json> {
  const { tasks } = await compile(
    task({ name: "m.a", inputs: { x: t.int }, output: t.int, run: ({ x }) => x, ...options }),
    settings,
  );
  return toJson(TaskSpecSchema, tasks[0] as never) as Json;
}

test("all that a task can say stands where flytekit puts it", async () => {
  const { template, description } = await spec({
    retries: 2,
    interruptible: true,
    deprecated: "old",
    deck: true,
    labels: { k: "v" },
    annotations: { "example.com/a": "anything at all" },
    tags: { team: "a" },
    podTemplateName: "ptn",
    resources: { requests: { cpu: "500m" }, limits: { cpu: 1, memory: "1Gi", gpu: "1" } },
    accelerator: accelerators.T4,
    sharedMemory: "1Gi",
    environment: { X: "y" },
    secrets: [{ group: "g", key: "k", mount: "env", envVar: "TOKEN" }],
    podTemplate: {
      spec: {
        containers: [
          { name: "primary", env: [{ name: "A", value: "1" }] },
          { name: "side", image: "side:1" },
        ],
        nodeSelector: { a: "b" },
      },
      labels: { l: "1" },
      annotations: { n: "2" },
    },
    description: "Short.",
    docs: { text: "Long text.", source: "https://example.com/a.ts", tags: ["a"] },
  });
  expect(template?.metadata).toMatchObject({
    retries: { retries: 2 },
    deprecatedErrorMessage: "old",
    interruptible: true,
    podTemplateName: "ptn",
    generatesDeck: true,
    tags: { team: "a" },
    metadata: { labels: { k: "v" }, annotations: { "example.com/a": "anything at all" } },
  });
  expect(template?.extendedResources).toEqual({
    gpuAccelerator: { device: "nvidia-tesla-t4" },
    sharedMemory: { mountPath: "/dev/shm", mountName: "flyte-shared-memory", sizeLimit: "1Gi" },
  });
  expect(template?.securityContext).toEqual({
    secrets: [{ group: "g", key: "k", mountRequirement: "ENV_VAR", envVar: "TOKEN" }],
  });
  // flytectl drops the name from the pod itself, so it stands in the config
  expect(template?.config).toEqual({ primary_container_name: "primary" });
  expect(template).not.toHaveProperty("container");
  expect(template?.k8sPod).toEqual({
    metadata: { labels: { l: "1" }, annotations: { n: "2" } },
    podSpec: {
      containers: [
        {
          name: "primary",
          image: "img:1",
          command: [],
          args: expect.arrayContaining(["flyte-ts-execute", "m.a"]),
          env: [
            { name: "E", value: "1" },
            { name: "X", value: "y" },
            { name: "A", value: "1" },
          ],
          resources: { limits: { cpu: "1", gpu: "1", memory: "1Gi" }, requests: { cpu: "500m" } },
        },
        { name: "side", image: "side:1" },
      ],
      nodeSelector: { a: "b" },
    },
  });
  expect(description).toEqual({
    shortDescription: "Short.",
    longDescription: { value: "Long text.", format: "DESCRIPTION_FORMAT_RST" },
    sourceCode: { link: "https://example.com/a.ts" },
    tags: ["a"],
  });
});

test("a task that says nothing has an empty description and a plain container", async () => {
  const { template, description } = await spec({});
  expect(description).toBeUndefined();
  expect(template).toHaveProperty("container");
  for (const absent of ["extendedResources", "securityContext", "config", "k8sPod"]) {
    expect(template).not.toHaveProperty(absent);
  }
});

test("accelerators come in parts, and any device has a name", async () => {
  const of = async (accelerator: object) => (await spec({ accelerator })).template?.extendedResources;
  expect(await of(accelerators.A100.of("1g.5gb"))).toMatchObject({ gpuAccelerator: { partitionSize: "1g.5gb" } });
  expect(await of(accelerators.A100)).toEqual({ gpuAccelerator: { device: "nvidia-tesla-a100" } });
  expect(await of({ device: "other" })).toEqual({ gpuAccelerator: { device: "other" } });
  // @ts-expect-error an A100 has no such part
  accelerators.A100.of("9g.90gb");
});

describe("what registering or the cluster would refuse is refused at once", () => {
  const define = (options: object) => () => task({ name: "m.a", inputs: { x: t.int }, run: () => {}, ...options });
  test.each([
    [
      { resources: { requests: { cpu: "1 core" } } },
      'task m.a: resources.requests.cpu is "1 core"; it must be an amount',
    ],
    [{ resources: { requests: { cpu: -1 } } }, "resources.requests.cpu is -1"],
    [{ resources: { limits: { memory: "1GB" } } }, 'resources.limits.memory is "1GB"'],
    [{ resources: { requests: { mem: "1Gi" } } }, "resources.requests.mem"],
    [{ resources: { requests: { memory: "1025Mi" }, limits: { memory: "1Gi" } } }, "it must be at most its limit, 1Gi"],
    [{ resources: { requests: { gpu: "0.5" } } }, "it must be a whole number"],
    [{ resources: { requests: { gpu: 1 }, limits: { gpu: 2 } } }, "it must be the limit itself, 2"],
    [{ sharedMemory: "0" }, "sharedMemory is"],
    [{ secrets: [{ key: "" }] }, 'the secret "" of the group undefined has no key'],
    [{ secrets: [{ key: "k", mount: "disk" }] }, 'the mount "disk"'],
    [{ secrets: [{ key: "k", envVar: "A-B" }] }, 'the variable "A-B"'],
    [{ labels: { "a b": "c" } }, 'the label "a b" has no legal key'],
    [{ labels: { a: "not so" } }, 'the label "a" is "not so"'],
    [{ annotations: { "/a": "c" } }, 'the annotation "/a" has no legal key'],
    [{ tags: { a: 1 } }, "tags.a is 1"],
    [{ environment: { A: 1 } }, "environment.A is 1"],
    [{ podTemplate: { primaryContainerName: "My" } }, 'podTemplate has a container "My"'],
    [{ podTemplate: { spec: { containers: [{ name: "a" }] } } }, 'has a container "a" without an image'],
    [{ docs: { text: "a", url: "b" } }, 'docs.url is "b"'],
  ])("%j", (options, message) => {
    expect(define(options)).toThrow(message);
  });

  test("amounts are compared exactly, in whatever unit they are written", () => {
    const units: [string, number][] = [
      ["", 1],
      ["k", 1e3],
      ["M", 1e6],
      ["Ki", 2 ** 10],
      ["Mi", 2 ** 20],
      ["e2", 100],
    ];
    const amount = fc.tuple(fc.nat(1000), fc.constantFrom(...units));
    fc.assert(
      fc.property(amount, amount, ([a, [unitA, sizeA]], [b, [unitB, sizeB]]) => {
        const resources = { requests: { memory: `${a}${unitA}` }, limits: { memory: `${b}${unitB}` } };
        if (a * sizeA <= b * sizeB) expect(define({ resources })).not.toThrow();
        else expect(define({ resources })).toThrow("at most its limit");
      }),
    );
  });
});
