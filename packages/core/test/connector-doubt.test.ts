import { FlyteError } from "@flyte-ts/core/plugin";
import { describe, expect, test } from "vitest";
import { passing, requestOf, Surroundings } from "./connector-surroundings.ts";
import { type CountedMeta, CountingConnector } from "./counting-vendor.ts";

/** A connector whose next `create` reaches the vendor only after its own client has given up. */
class Late extends CountingConnector {
  land: (() => void) | undefined;

  constructor() {
    super(undefined, { find: true });
  }

  override create(context: Parameters<CountingConnector["create"]>[0]): Promise<CountedMeta> {
    if (this.land !== undefined) return super.create(context);
    this.land = () => this.vendor.insert(context.idempotencyKey);
    return Promise.reject(new FlyteError("Unavailable", "no answer within 30 s"));
  }
}

describe("a job that was deleted while its start was in doubt", () => {
  test.each([
    ["here", false],
    ["in another process", true],
  ])("does not run when the request comes to the vendor after all (%s)", async (_, other) => {
    const connector = new Late();
    const around = new Surroundings(connector);
    const { category } = around;
    const host = around.host();
    const resourceMeta = await host.create(requestOf());
    await (other ? around.host() : host).delete({ category, resourceMeta });
    connector.land?.();
    expect(connector.vendor.live).toEqual([]);
    expect(connector.vendor.jobs).toHaveLength(1);
  });

  test("does not run when its process has forgotten it meanwhile", async () => {
    const connector = new Late();
    const around = new Surroundings(connector);
    const { category } = around;
    const host = around.host({ limits: { maxJobs: 4 } });
    const resourceMeta = await host.create(requestOf());
    for (let at = 0; at < 10; at += 1) await host.create(requestOf({ outputPrefix: `mem://bucket/e1/m${at}/data/0` }));
    const others = connector.vendor.jobs.length;
    await host.delete({ category, resourceMeta });
    connector.land?.();
    expect(connector.vendor.live).toHaveLength(others);
  });

  test("does not run when another process is still starting it", async () => {
    const connector = new CountingConnector(undefined, { find: true });
    const around = new Surroundings(connector);
    const { category, clock } = around;
    let go = (): void => {};
    const reached = new Promise<void>((resolve) => (go = resolve));
    const create = connector.create.bind(connector);
    let first = true;
    connector.create = async (context) => {
      if (first) {
        first = false;
        await reached;
      }
      return create(context);
    };
    const creating = around.host().create(requestOf());
    await clock.pass(8_000);
    const resourceMeta = await creating;
    await around.host().delete({ category, resourceMeta });
    go();
    await clock.pass(1_000);
    expect(connector.vendor.live).toEqual([]);
  });

  test("was never started where the vendor has refused it: nothing is started in its place", async () => {
    const refusals = [
      new FlyteError("Throttled", "429"),
      Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }),
    ];
    for (const refusal of refusals) {
      const connector = new CountingConnector(undefined, { find: true });
      connector.vendor.turns = [refusal];
      const around = new Surroundings(connector);
      const host = around.host();
      const resourceMeta = await host.create(requestOf());
      await host.delete({ category: around.category, resourceMeta });
      expect(connector.vendor.jobs).toEqual([]);
    }
  });
});

describe("the sign that a job was deleted", () => {
  /** A job that one process is to start again, and another has deleted. */
  async function deletedElsewhere() {
    const connector = new CountingConnector(undefined, { find: true });
    connector.vendor.turns = [new FlyteError("Throttled", "429")];
    const around = new Surroundings(connector);
    const host = around.host();
    const other = around.host();
    const job = { category: around.category, resourceMeta: await host.create(requestOf()) };
    connector.vendor.turns = [new FlyteError("Throttled", "429")];
    await other.create(requestOf());
    return { connector, around, host, other, job };
  }

  test("is looked for again when the store does not answer", async () => {
    const { connector, around, host, other, job } = await deletedElsewhere();
    const { memory, clock } = around;
    await host.delete(job);
    const { stat } = memory;
    memory.stat = async () => {
      throw new FlyteError("Unavailable", "the store is away");
    };
    await clock.pass(2_000);
    expect((await passing(clock, other.get(job))).phase).toBe("INITIALIZING");
    expect(connector.vendor.jobs).toEqual([]);
    memory.stat = stat;
    await clock.pass(60_000);
    expect((await passing(clock, other.get(job))).phase).toBe("ABORTED");
    expect(connector.vendor.jobs).toEqual([]);
  });

  test("is written before a deletion is done, where the store can be written", async () => {
    const { around, host, job } = await deletedElsewhere();
    const { memory, clock } = around;
    memory.write = async () => {
      throw new FlyteError("Unavailable", "the store is away");
    };
    await expect(passing(clock, host.delete(job))).rejects.toThrow("the store is away");
    memory.write = async () => {
      throw new FlyteError("PermissionDenied", "read only");
    };
    await passing(clock, host.delete(job));
  });

  test("keeps back a start that is on its way to the vendor", async () => {
    const { connector, around, other, job } = await deletedElsewhere();
    const { memory, clock } = around;
    let go = (): void => {};
    const reached = new Promise<void>((resolve) => (go = resolve));
    const { stat } = memory;
    memory.stat = async (uri, options) => {
      await reached;
      return stat.call(memory, uri, options);
    };
    await clock.pass(2_000);
    const asked = other.get(job);
    await clock.pass(100);
    const deleting = other.delete(job);
    await clock.pass(5_000);
    go();
    await passing(clock, Promise.all([asked, deleting]));
    await clock.pass(1_000);
    expect(connector.vendor.live).toEqual([]);
    expect(connector.vendor.requests.filter((name) => name === "create").length).toBeLessThanOrEqual(3);
  });
});
