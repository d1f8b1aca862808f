import { LiteralType } from "@flyte-ts/core/plugin";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { requestOf, Surroundings } from "./connector-surroundings.ts";
import { CountingConnector } from "./counting-vendor.ts";

const text = fc.string({ unit: "grapheme", minLength: 1 });

describe("a job's meta", () => {
  test("leads to it whatever texts it holds, here and in another process", async () => {
    await fc.assert(
      fc.asyncProperty(text, text, async (folder, output) => {
        const connector = new CountingConnector();
        const around = new Surroundings(connector);
        const { category } = around;
        const request = requestOf({
          outputPrefix: `mem://bucket/${folder}/0`,
          declaredOutputs: { [output]: Buffer.from(LiteralType.encode(integer)).toString("base64") },
        });
        const host = around.host();
        const resourceMeta = await host.create(request);
        expect(await host.create(request)).toEqual(resourceMeta);
        // the memory that a request came in goes on to others
        const sent = Uint8Array.from(resourceMeta);
        for (const one of [host, around.host()]) {
          expect((await one.get({ category, resourceMeta: sent })).phase).toBe("RUNNING");
          sent.fill(0);
          expect((await one.get({ category, resourceMeta })).phase).toBe("RUNNING");
          sent.set(resourceMeta);
        }
        expect(connector.vendor.jobs).toHaveLength(1);
        expect(connector.vendor.requests).toEqual(["create", "get", "get"]);
      }),
      { numRuns: 50 },
    );
  });
});

const integer = LiteralType.fromJson({ simple: "INTEGER" });
