import { create, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { TaskSpecSchema } from "@flyte-ts/idl/admin";
import { LiteralMapSchema, SimpleType, TaskTemplateSchema } from "@flyte-ts/idl/core";
import { eager, lazy } from "@flyte-ts/idl/lazy";
import { AdminService, AsyncAgentService } from "@flyte-ts/idl/service";
import { AsyncConnectorService } from "@flyte-ts/idl/v2/connector";
import { InputsSchema } from "@flyte-ts/idl/v2/task";
import { describe, expect, test } from "vitest";

const areas = [
  "core",
  "admin",
  "service",
  "event",
  "plugins",
  "plugins/kubeflow",
  "datacatalog",
  "cacheservice",
  "v2/core",
  "v2/connector",
  "v2/task",
];

describe("every area of flyteidl", () => {
  test.each(areas)("%s makes, writes and reads each of its messages", async (area) => {
    const specifier = `@flyte-ts/idl/${area}`;
    const module: Record<string, unknown> = await import(specifier);
    const schemas = Object.entries(module).filter(([name]) => name.endsWith("Schema"));
    expect(schemas.length).toBeGreaterThan(0);
    for (const [, schema] of schemas) {
      const desc = schema as typeof TaskTemplateSchema;
      if (desc.kind !== "message") continue;
      expect(fromBinary(desc, toBinary(desc, create(desc)))).toEqual(create(desc));
    }
  });
});

test("a message holds others, by the numbers of the contract", () => {
  const template = create(TaskTemplateSchema, {
    type: "sqlite",
    custom: { uri: "x" },
    interface: { inputs: { variables: { n: { type: { type: { case: "simple", value: SimpleType.INTEGER } } } } } },
  });
  const spec = fromBinary(TaskSpecSchema, toBinary(TaskSpecSchema, create(TaskSpecSchema, { template })));
  expect(toJson(TaskSpecSchema, spec)).toEqual({
    template: {
      type: "sqlite",
      custom: { uri: "x" },
      interface: { inputs: { variables: { n: { type: { simple: "INTEGER" } } } } },
    },
  });
});

test("v2's inputs have the bytes of v1's literal map", () => {
  const value = { value: { case: "scalar", value: { value: { case: "noneType", value: {} } } } } as const;
  const v1 = toBinary(LiteralMapSchema, create(LiteralMapSchema, { literals: { x: value } }));
  const v2 = toBinary(InputsSchema, create(InputsSchema, { literals: [{ name: "x", value }] }));
  expect(v2).toEqual(v1);
});

test("services know their methods", () => {
  expect(AdminService.method.createTask.input.typeName).toBe("flyteidl.admin.TaskCreateRequest");
  expect(Object.keys(AsyncAgentService.method)).toContain("createTask");
  expect(AsyncConnectorService.typeName).toBe("flyteidl2.connector.AsyncConnectorService");
});

describe("a lazy object", () => {
  test("is made once, when something looks into it", () => {
    let made = 0;
    const object = lazy(() => {
      made += 1;
      return { a: 1, frozen: Object.freeze({ b: 2 }) };
    });
    expect(made).toBe(0);
    expect(object.a + object.frozen.b).toBe(3);
    expect("a" in object).toBe(true);
    expect(Object.keys(object)).toEqual(["a", "frozen"]);
    expect({ ...object }).toEqual({ a: 1, frozen: { b: 2 } });
    expect(made).toBe(1);
  });

  test("can be looked through", () => {
    const inner = { a: 1 };
    expect(eager(lazy(() => inner))).toBe(inner);
    expect(eager(inner)).toBe(inner);
  });
});
