import { FlyteError } from "@flyte-ts/core/plugin";
import { describe, expect, test } from "vitest";
import { passing, requestOf, Surroundings } from "./connector-surroundings.ts";
import { CountingConnector } from "./counting-vendor.ts";

const attempt = (number: number) =>
  requestOf({ attempt: number, outputPrefix: `mem://bucket/metadata/e1/n0/data/${number}` });

describe("the job of an attempt whose answer was lost, of a vendor that cannot be asked by a key", () => {
  test("is gone when another process starts the next attempt", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    await around.host().create(attempt(0));
    await around.host().create(attempt(1));
    expect(connector.vendor.jobs.map(({ state }) => state)).toEqual(["cancelled", "running"]);
    // nothing was started anew so as to be deleted
    expect(connector.vendor.requests.filter((name) => name === "create")).toHaveLength(2);
  });

  test("is left as it is where it has ended", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    await around.host().create(attempt(0));
    for (const job of connector.vendor.jobs) job.state = "failed";
    await around.host().create(attempt(1));
    expect(connector.vendor.requests).toEqual(["create", "get", "create"]);
  });

  test("keeps the next attempt waiting while the store does not answer", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    const { category, clock, memory } = around;
    await around.host().create(attempt(0));
    const { stat } = memory;
    memory.stat = async () => {
      throw new FlyteError("Unavailable", "the store is away");
    };
    const host = around.host();
    const resourceMeta = await passing(clock, host.create(attempt(1)));
    expect(connector.vendor.jobs).toHaveLength(1);
    memory.stat = stat;
    await clock.pass(60_000);
    expect((await passing(clock, host.get({ category, resourceMeta }))).phase).toBe("RUNNING");
    expect(connector.vendor.jobs.map(({ state }) => state)).toEqual(["cancelled", "running"]);
  });

  test("is started although it cannot be noted", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    const { category, clock, memory } = around;
    memory.write = () => new Promise(() => {});
    const host = around.host();
    const resourceMeta = await passing(clock, host.create(attempt(0)));
    expect((await passing(clock, host.get({ category, resourceMeta }))).phase).toBe("RUNNING");
    memory.write = async () => {
      throw new FlyteError("PermissionDenied", "read only");
    };
    const other = requestOf({ outputPrefix: "mem://bucket/metadata/e1/n1/data/0" });
    expect((await host.get({ category, resourceMeta: await host.create(other) })).phase).toBe("RUNNING");
  });

  test("is not noted where the vendor can be asked, or nothing would be left behind", async () => {
    class Harmless extends CountingConnector {
      readonly leavesNothing = true;
    }
    for (const connector of [new CountingConnector(undefined, { find: true }), new Harmless()]) {
      const around = new Surroundings(connector);
      await around.host().create(attempt(0));
      expect(around.memory.objects.size).toBe(0);
    }
  });
});
