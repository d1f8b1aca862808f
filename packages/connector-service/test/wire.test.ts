import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Phase } from "@flyte-ts/core/plugin";
import { phaseNumbers, Secret } from "@flyte-ts/core/plugin";
import {
  CreateTaskRequestSchema,
  DeleteTaskRequestSchema,
  GetTaskRequestSchema,
  GetTaskResponseSchema,
  TaskExecutionMetadataSchema,
} from "@flyte-ts/idl/admin";
import { LiteralMapSchema, LiteralTypeSchema, TaskTemplateSchema } from "@flyte-ts/idl/core";
import {
  CreateTaskRequestSchema as CreateTaskRequestV2Schema,
  GetTaskRequestSchema as GetTaskRequestV2Schema,
} from "@flyte-ts/idl/v2/connector";
import { ConnectionSchema } from "@flyte-ts/idl/v2/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readConnection } from "../src/wire/connection.ts";
import { readDeclaredOutputs } from "../src/wire/declared-outputs.ts";
import { readAttempt } from "../src/wire/execution-metadata.ts";
import { FieldReader } from "../src/wire/field-reader.ts";
import { fittingResource, maxAnswerBytes } from "../src/wire/fitting.ts";
import { readCreateRequest, readJobRequest, readTemplateCategory } from "../src/wire/task-requests.ts";
import { getTaskResponse } from "../src/wire/task-responses.ts";

const text = fc.string({ unit: "binary", maxLength: 40 });
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const bytes = fc.uint8Array({ maxLength: 300 });
const map = fc.dictionary(text, text, { maxKeys: 4 });

describe("the requests that are read by hand say what the generated code reads", () => {
  test("get and delete, of v1 and of v2", () => {
    const job = fc.record({ taskType: text, resourceMeta: bytes, outputPrefix: text, name: text, version: int32 });
    fc.assert(
      fc.property(job, ({ taskType, resourceMeta, outputPrefix, name, version }) => {
        const taskCategory = { name, version };
        const category = name === "" ? { name: taskType, version: 0 } : taskCategory;
        const get = create(GetTaskRequestSchema, { taskType, resourceMeta, outputPrefix, taskCategory });
        expect(plain(readJobRequest(toBinary(GetTaskRequestSchema, get)))).toEqual(
          plain({ category, resourceMeta, outputPrefix, connection: undefined }),
        );
        const del = create(DeleteTaskRequestSchema, { taskType, resourceMeta, taskCategory });
        expect(plain(readJobRequest(toBinary(DeleteTaskRequestSchema, del)))).toEqual(
          plain({ category, resourceMeta, outputPrefix: "", connection: undefined }),
        );
        const connection = create(ConnectionSchema, { taskType });
        const v2 = create(GetTaskRequestV2Schema, { resourceMeta, outputPrefix, taskCategory, connection });
        expect(plain(readJobRequest(toBinary(GetTaskRequestV2Schema, v2)))).toEqual(
          plain({
            category: name === "" ? { name: "", version: 0 } : taskCategory,
            resourceMeta,
            outputPrefix,
            connection: toBinary(ConnectionSchema, connection),
          }),
        );
      }),
    );
  });

  test("create, whose nested messages stay bytes", () => {
    fc.assert(
      fc.property(text, int32, text, map, (type, taskTypeVersion, outputPrefix, config) => {
        const template = create(TaskTemplateSchema, { type, taskTypeVersion, config, custom: { a: 1 } });
        const inputs = create(LiteralMapSchema, { literals: { a: { hash: type } } });
        const request = create(CreateTaskRequestSchema, { template, inputs, outputPrefix });
        const read = readCreateRequest(toBinary(CreateTaskRequestSchema, request));
        expect(read.outputPrefix).toBe(outputPrefix);
        expect(fromBinary(TaskTemplateSchema, read.template ?? new Uint8Array())).toEqual(template);
        expect(fromBinary(LiteralMapSchema, read.inputs ?? new Uint8Array())).toEqual(inputs);
        expect(read.metadata).toBeUndefined();
        expect(readTemplateCategory(read.template ?? new Uint8Array())).toEqual({
          name: type,
          version: taskTypeVersion,
        });
      }),
    );
  });

  test("the outputs that a template declares", () => {
    const types = fc.dictionary(text, fc.integer({ min: 1, max: 9 }), { maxKeys: 4 });
    fc.assert(
      fc.property(types, (simples) => {
        const variables = Object.fromEntries(
          Object.entries(simples).map(([name, value]) => [
            name,
            { type: { type: { case: "simple" as const, value } } },
          ]),
        );
        const template = create(TaskTemplateSchema, {
          type: "x",
          interface: { outputs: { variables }, inputs: { variables } },
        });
        const declared = readDeclaredOutputs(toBinary(TaskTemplateSchema, template));
        const read = Object.entries(declared).map(([name, type]) => [
          name,
          fromBinary(LiteralTypeSchema, Buffer.from(type, "base64")).type,
        ]);
        expect(read).toEqual(Object.entries(simples).map(([name, value]) => [name, { case: "simple", value }]));
      }),
    );
  });

  test("whose attempt it is", () => {
    const metadata = fc.record({ namespace: text, labels: map, annotations: map, environmentVariables: map });
    const id = fc.record({ project: text, domain: text, name: text, node: text, attempt: fc.nat(1000), user: text });
    fc.assert(
      fc.property(metadata, id, text, (fields, { project, domain, name, node, attempt, user }, k8sServiceAccount) => {
        const message = create(TaskExecutionMetadataSchema, {
          ...fields,
          k8sServiceAccount,
          taskExecutionId: {
            taskId: { project, domain, name: node, version: name },
            nodeExecutionId: { nodeId: node, executionId: { project, domain, name } },
            retryAttempt: attempt,
          },
          identity: { executionIdentity: user },
          maxAttempts: 3,
        });
        const read = readAttempt(toBinary(TaskExecutionMetadataSchema, message));
        const { namespace, labels, annotations, environmentVariables: environment } = fields;
        const place = { project, domain, execution: name, node, namespace, serviceAccount: k8sServiceAccount, user };
        expect(plain(read)).toEqual(
          plain({
            metadata: { ...place, labels, annotations, environment },
            attempt,
            task: { name: node, version: name },
          }),
        );
      }),
    );
  });

  test("a connection, whose secrets do not print", () => {
    fc.assert(
      fc.property(text, map, map, (taskType, secrets, configs) => {
        const read = readConnection(
          toBinary(ConnectionSchema, create(ConnectionSchema, { taskType, secrets, configs })),
        );
        expect(read.taskType).toBe(taskType);
        expect({ ...read.configs }).toEqual({ ...configs });
        expect(Object.entries(read.secrets).map(([name, secret]) => [name, secret.reveal()])).toEqual(
          Object.entries(secrets),
        );
        expect(Object.values(read.secrets).every((secret) => Secret.is(secret))).toBe(true);
      }),
    );
  });

  test("whatever else stands in a message is passed over", () => {
    const request = create(CreateTaskRequestV2Schema, {
      outputPrefix: "s3://bucket/a",
      template: { type: "x" },
      inputs: { literals: [{ name: "a" }], context: [{ key: "k", value: "v" }] },
    });
    const known = toBinary(CreateTaskRequestV2Schema, request);
    // a double, a 32-bit number and a negative varint, under numbers that the message does not have
    const strange = Buffer.concat([
      known,
      Buffer.from("b906000000000000f03fbd0601000000c006ffffffffffffffffff01", "hex"),
    ]);
    expect(plain(readCreateRequest(strange))).toEqual(plain(readCreateRequest(known)));
  });

  test("bytes that are no message are refused, wherever they break off", () => {
    const request = create(GetTaskRequestSchema, {
      resourceMeta: Buffer.from("abc"),
      taskCategory: { name: "memory" },
    });
    const whole = toBinary(GetTaskRequestSchema, request);
    for (let length = 1; length < whole.length; length += 1) {
      const cut = whole.subarray(0, length);
      if (readsWith(() => fromBinary(GetTaskRequestSchema, cut))) continue;
      expect(() => readJobRequest(cut)).toThrow(/not a protobuf message/);
    }
    fc.assert(
      fc.property(bytes, (some) => {
        try {
          for (const reader = new FieldReader(some); reader.next(); );
        } catch (error) {
          expect((error as { code?: string }).code).toBe("InvalidInput");
        }
      }),
    );
  });
});

describe("the answer to a poll", () => {
  const states: Record<Phase, number> = {
    QUEUED: 2,
    WAITING_FOR_RESOURCES: 2,
    INITIALIZING: 2,
    RUNNING: 3,
    SUCCEEDED: 4,
    ABORTED: 1,
    FAILED: 1,
    RETRYABLE_FAILED: 0,
  };

  test.each(Object.entries(states) as [Phase, number][])("says %s, and in v1 its state too", (phase, state) => {
    const { resource } = fromBinary(GetTaskResponseSchema, getTaskResponse({ phase }, "v1"));
    expect(resource).toMatchObject({ phase: phaseNumbers[phase], state });
  });

  test("says whether there are outputs: none, or an empty map", () => {
    const none = fromBinary(GetTaskResponseSchema, getTaskResponse({ phase: "SUCCEEDED" }, "v1"));
    expect(none.resource?.outputs).toBeUndefined();
    const outputs = create(LiteralMapSchema, {});
    const empty = fromBinary(GetTaskResponseSchema, getTaskResponse({ phase: "SUCCEEDED", outputs }, "v1"));
    expect(empty.resource?.outputs?.literals).toEqual({});
  });

  test("is never longer than Flyte takes: first the custom info goes, then the rest is a failure that says so", () => {
    const big = "x".repeat(5 * 2 ** 20);
    const shorter = fittingResource({ phase: "RUNNING", message: big, customInfo: { big } }, "v1");
    expect(shorter.length).toBeLessThan(maxAnswerBytes);
    const outputs = create(LiteralMapSchema, { literals: { a: { hash: big } } });
    const failed = getTaskResponse({ phase: "SUCCEEDED", outputs }, "v2");
    expect(failed.length).toBeLessThan(maxAnswerBytes);
    const { resource } = fromBinary(GetTaskResponseSchema, failed);
    expect(resource?.phase).toBe(phaseNumbers.FAILED);
    expect(resource?.message).toMatch(/has 52\d+ bytes, and Flyte takes/);
  });
});

/** The value as JSON has it, bytes as numbers. */
const plain = (value: object): unknown =>
  JSON.parse(
    JSON.stringify(value, function (this: Record<string, unknown>, key: string, item: unknown) {
      const raw = this[key];
      return raw instanceof Uint8Array ? [...raw] : item;
    }),
  );

function readsWith(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}
