import { inflateRawSync } from "node:zlib";
import { LiteralMap, TaskTemplate } from "@flyte-ts/core/plugin";
import { describe, expect, test } from "vitest";
import { requestOf, Surroundings } from "./connector-surroundings.ts";
import { CountingConnector } from "./counting-vendor.ts";

const { metadata } = requestOf();

describe("what Flyte keeps of a job", () => {
  test("holds nothing of the environment and the annotations, and nor does the store", async () => {
    const private_ = {
      environment: { DB_PASSWORD: "swordfish-1" },
      annotations: { "vault.example/token": "swordfish-2" },
    };
    for (const noise of [10, 20_000]) {
      const connector = new CountingConnector();
      connector.vendor.turns = ["unavailable"];
      const around = new Surroundings(connector);
      const text = Array.from({ length: noise }, (_, at) => Math.imul(at + 1, 2_654_435_761) >>> 0).join(" ");
      const inputs = LiteralMap.fromJson({ literals: { text: { scalar: { primitive: { stringValue: text } } } } });
      const request = requestOf({ inputs, metadata: { ...metadata, ...private_ } });
      const resourceMeta = await around.host().create(request);
      const { request: kept } = JSON.parse(Buffer.from(resourceMeta).toString().slice(76)) as {
        readonly request: { readonly inline?: string; readonly uri?: string };
      };
      const packed =
        kept.uri === undefined ? Buffer.from(kept.inline ?? "", "base64") : await around.storage.readBytes(kept.uri);
      const content = inflateRawSync(packed).toString("latin1");
      expect(content).toContain("n0");
      expect(content).not.toContain("swordfish");
    }
  });

  test("is small, however much the type of an output tells", async () => {
    const described = (fields: number) => {
      const names = Array.from({ length: fields }, (_, at) => `field_${at}`);
      const properties = Object.fromEntries(names.map((name) => [name, { type: "string" }]));
      const type = { simple: "STRUCT", metadata: { type: "object", properties } };
      const variables = { one: { type }, many: { type: { collectionType: { mapValueType: type } } } };
      return TaskTemplate.fromJson({ type: "counted", interface: { outputs: { variables } } } as never);
    };
    const connector = new (class extends CountingConnector {
      override async get() {
        const value = { field_0: "x", field_1: "y" };
        return { phase: "SUCCEEDED" as const, outputs: { one: value, many: [{ a: value }] } };
      }
    })();
    const around = new Surroundings(connector);
    const [small, big] = await Promise.all(
      [2, 2_000].map(async (fields) => {
        const outputPrefix = `mem://bucket/e1/n${fields}/data/0`;
        const resourceMeta = await around.host().create(requestOf({ template: described(fields), outputPrefix }));
        expect(resourceMeta.byteLength).toBeLessThan(2_000);
        return around.host().get({ category: around.category, resourceMeta });
      }),
    );
    expect([big?.phase, big?.message]).toEqual(["SUCCEEDED", ""]);
    expect(big?.outputs && LiteralMap.toJson(big.outputs)).toEqual(small?.outputs && LiteralMap.toJson(small.outputs));
  });
});
