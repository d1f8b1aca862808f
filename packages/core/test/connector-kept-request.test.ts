import { type CreateContext, FlyteError, LiteralMap } from "@flyte-ts/core/plugin";
import { describe, expect, test } from "vitest";
import { passing, requestOf, Surroundings } from "./connector-surroundings.ts";
import { CountingConnector } from "./counting-vendor.ts";

/** Inputs of so many bytes that no packing makes smaller. */
function inputsOf(bytes: number): LiteralMap {
  let seed = 1;
  const text = Array.from({ length: bytes }, () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return String.fromCharCode(33 + (seed % 90));
  }).join("");
  return LiteralMap.fromJson({ literals: { text: { scalar: { primitive: { stringValue: text } } } } });
}

const never = (): Promise<never> => new Promise(() => {});

describe("the request of a job that is still to be started", () => {
  test("is waited for no longer than a call may take, and not by a host that closes", async () => {
    const connector = new CountingConnector();
    connector.vendor.turns = ["unavailable"];
    const around = new Surroundings(connector);
    const { category, clock, memory } = around;
    const resourceMeta = await around.host().create(requestOf({ inputs: inputsOf(40_000) }));
    const { read } = memory;
    memory.read = () => ({ [Symbol.asyncIterator]: () => ({ next: never }) });
    const host = around.host();
    expect((await passing(clock, host.get({ category, resourceMeta }))).phase).toBe("QUEUED");
    const closing = host.close();
    await clock.pass(1_000);
    await closing;
    const other = around.host();
    expect((await passing(clock, other.get({ category, resourceMeta }))).phase).toBe("QUEUED");
    memory.read = read;
    await clock.pass(120_000);
    expect((await passing(clock, other.get({ category, resourceMeta }))).phase).toBe("RUNNING");
  });

  test.each(["hang", "unavailable", "ok"] as const)(
    "that can be kept nowhere is an error, and its job is not left behind (%s)",
    async (turn) => {
      const connector = new CountingConnector();
      const around = new Surroundings(connector);
      const { clock, memory } = around;
      const { write } = memory;
      memory.write = async () => {
        throw new FlyteError("PermissionDenied", "read only");
      };
      connector.vendor.turns = [turn];
      const create = connector.create.bind(connector);
      connector.create = async (context) => {
        // later than the caller waits
        if (turn === "ok") await clock.sleep(15_000, { signal: context.signal });
        return create(context);
      };
      const host = around.host();
      const request = requestOf({ inputs: inputsOf(300_000) });
      const creating = host.create(request, { deadlineMs: 10_000 });
      creating.catch(() => {});
      await clock.pass(8_100);
      await expect(creating).rejects.toThrow("read only");
      await clock.pass(120_000);
      expect(connector.vendor.live).toEqual([]);
      memory.write = write;
    },
  );

  test.each([40_000, 300_000])(
    "is given up within the caller's time where the store hangs (%d bytes)",
    async (bytes) => {
      const connector = new CountingConnector();
      connector.vendor.always = "hang";
      const around = new Surroundings(connector);
      const { clock, memory } = around;
      memory.write = never;
      const creating = around.host().create(requestOf({ inputs: inputsOf(bytes) }), { deadlineMs: 10_000 });
      let done = false;
      creating.catch(() => {}).finally(() => (done = true));
      await clock.pass(8_100);
      expect(done).toBe(true);
    },
  );

  test.each([0, 40_000])("is whole for the process that was sent it, wherever it is kept (%d bytes)", async (bytes) => {
    const seen: unknown[] = [];
    class Notes extends CountingConnector {
      override create(context: CreateContext) {
        const { metadata, connection, nodeKey, template, inputs, nativeInputs: _, ...others } = { ...context };
        expect(others.signal).toBe(context.signal);
        seen.push({ metadata, connection, nodeKey, template, inputs, idempotencyKey: others.idempotencyKey });
        return super.create(context);
      }
    }
    const connector = new Notes();
    const around = new Surroundings(connector);
    connector.vendor.turns = ["unavailable"];
    const { metadata } = requestOf();
    const request = requestOf({
      inputs: inputsOf(bytes),
      metadata: { ...metadata, annotations: { note: "n" }, environment: { LEVEL: "3" } },
      connection: { taskType: "counted", secrets: {}, configs: { host: "h" } },
    });
    const host = around.host();
    const resourceMeta = await host.create(request);
    await around.clock.pass(120_000);
    expect((await host.get({ category: around.category, resourceMeta })).phase).toBe("RUNNING");
    expect(seen).toHaveLength(2);
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[0]).toMatchObject({ metadata: request.metadata, connection: request.connection });
  });
});
