import { FlyteError, type Resource, Secret } from "@flyte-ts/core/plugin";
import { describe, expect, test } from "vitest";
import { passing, requestOf, Surroundings } from "./connector-surroundings.ts";
import { CountingConnector } from "./counting-vendor.ts";

/** A job that runs, and the way to ask for it. */
async function running(connector = new CountingConnector()) {
  const around = new Surroundings(connector);
  const { category, clock } = around;
  const host = around.host();
  const resourceMeta = await host.create(requestOf());
  const get = () => passing(clock, host.get({ category, resourceMeta }));
  expect((await get()).phase).toBe("RUNNING");
  await clock.pass(1_000);
  return { ...around, clock, connector, vendor: connector.vendor, host, resourceMeta, get };
}

describe("a vendor that refuses to tell how a job is", () => {
  test("for a moment, changes nothing", async () => {
    const { clock, vendor, get } = await running();
    vendor.turns = [new FlyteError("PermissionDenied", "401: the key is being rotated")];
    expect((await get()).phase).toBe("RUNNING");
    for (const job of vendor.jobs) job.state = "succeeded";
    await clock.pass(5_000);
    expect((await get()).phase).toBe("SUCCEEDED");
  });

  test("for minutes, has the attempt given up as one that Flyte deletes", async () => {
    const { clock, vendor, get } = await running();
    vendor.always = new FlyteError("PermissionDenied", "403");
    for (let gone = 0; gone < 240_000; gone += 30_000) {
      expect((await get()).phase).toBe("RUNNING");
      await clock.pass(30_000);
    }
    await clock.pass(120_000);
    const { phase, message } = await get();
    expect([phase, message]).toEqual(["RETRYABLE_FAILED", "the job could not be asked for during 6 minutes: 403"]);
  });
});

test("polls that tell nothing new give the answer that is known, the object itself; one that does gives another", async () => {
  class Linking extends CountingConnector {
    link = "a";
    override async get(context: Parameters<CountingConnector["get"]>[0]): Promise<Resource> {
      return { ...(await super.get(context)), logLinks: [{ name: "log", uri: this.link }] };
    }
  }
  const connector = new Linking();
  const { clock, vendor, get } = await running(connector);
  const asked = async () => {
    await clock.pass(5_000);
    return await get();
  };
  const [first, polls] = [await asked(), vendor.requests.length];
  expect(await asked()).toBe(first);
  expect(vendor.requests).toHaveLength(polls + 1);
  connector.link = "b";
  expect((await asked()).logLinks).toContainEqual({ name: "log", uri: "b" });
  for (const job of vendor.jobs) job.state = "succeeded";
  expect((await asked()).phase).toBe("SUCCEEDED");
});

describe("a job whose connector calls it failed", () => {
  test("while it is asked for, is FAILED, and does not run on", async () => {
    const { clock, vendor, get } = await running();
    vendor.turns = [new FlyteError("TaskFailed", "no way")];
    expect(await get()).toMatchObject({ phase: "FAILED", message: "no way" });
    await clock.pass(1_000);
    expect(vendor.live).toEqual([]);
  });

  test("by its outputs, is FAILED, and left as it is", async () => {
    class Odd extends CountingConnector {
      ended = false;
      override async get(context: Parameters<CountingConnector["get"]>[0]): Promise<Resource> {
        return this.ended ? { phase: "SUCCEEDED" } : super.get(context);
      }
    }
    const connector = new Odd();
    const { clock, vendor, get } = await running(connector);
    connector.ended = true;
    expect((await get()).phase).toBe("FAILED");
    await clock.pass(1_000);
    expect(vendor.requests).not.toContain("delete");
  });
});

describe("a job that the vendor does not find", () => {
  test("at first, has not vanished", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    const { category, clock } = around;
    const host = around.host();
    const resourceMeta = await host.create(requestOf());
    connector.vendor.turns = [new FlyteError("NotFound", "not yet"), new FlyteError("NotFound", "not yet")];
    expect((await host.get({ category, resourceMeta })).phase).toBe("RUNNING");
    await clock.pass(2_000);
    expect((await host.get({ category, resourceMeta })).phase).toBe("RUNNING");
    for (const job of connector.vendor.jobs) job.state = "succeeded";
    await clock.pass(5_000);
    expect((await host.get({ category, resourceMeta })).phase).toBe("SUCCEEDED");
  });

  test("for a minute, has", async () => {
    const { clock, vendor, get } = await running();
    vendor.jobs.length = 0;
    for (let gone = 0; gone < 50_000; gone += 10_000) {
      expect((await get()).phase).toBe("RUNNING");
      await clock.pass(10_000);
    }
    await clock.pass(60_000);
    expect(await get()).toMatchObject({ phase: "RETRYABLE_FAILED" });
  });

  test("after it was deleted, is no surprise", async () => {
    const { vendor, host, category, clock, resourceMeta, get } = await running();
    await host.delete({ category, resourceMeta });
    vendor.jobs.length = 0;
    await clock.pass(1_000);
    expect((await get()).phase).toBe("ABORTED");
  });
});

describe("a secret that is not there", () => {
  /** A vendor that wants a password, which is there or not. */
  class Locked extends CountingConnector {
    constructor(find: boolean) {
      super();
      if (find) {
        const look = new CountingConnector(this.vendor, { find: true }).find;
        Object.assign(this, {
          find: async (context: Parameters<NonNullable<typeof look>>[0]) => {
            await context.secrets.get({ key: "password" });
            return look?.(context);
          },
        });
      }
    }
    override async create(context: Parameters<CountingConnector["create"]>[0]) {
      await context.secrets.get({ key: "password" });
      return super.create(context);
    }
  }

  function locked(find: boolean) {
    const connector = new Locked(find);
    const around = new Surroundings(connector);
    const state = { there: true };
    const secrets = {
      get: async () => {
        if (state.there) return new Secret("password");
        throw new FlyteError("NotFound", "no secret password");
      },
    };
    return { ...around, connector, vendor: connector.vendor, state, newHost: () => around.host({ secrets }) };
  }

  test.each([true, false])("says nothing of a job that may have been started (find: %s)", async (find) => {
    const { clock, category, vendor, state, newHost } = locked(find);
    vendor.turns = ["lose"];
    const resourceMeta = await newHost().create(requestOf());
    state.there = false;
    for (const host of [newHost(), newHost()]) {
      await expect(passing(clock, host.delete({ category, resourceMeta }))).rejects.toThrow("no secret password");
    }
    state.there = true;
    await passing(clock, newHost().delete({ category, resourceMeta }));
    expect(vendor.live).toEqual([]);
  });

  test.each([true, false])("does not make a job FAILED that may run (find: %s)", async (find) => {
    const { clock, category, vendor, state, newHost } = locked(find);
    vendor.turns = ["lose"];
    const host = newHost();
    const resourceMeta = await host.create(requestOf());
    state.there = false;
    await clock.pass(5_000);
    expect((await passing(clock, host.get({ category, resourceMeta }))).phase).toBe("INITIALIZING");
    state.there = true;
    await clock.pass(60_000);
    expect((await passing(clock, host.get({ category, resourceMeta }))).phase).toBe("RUNNING");
    expect(vendor.jobs).toHaveLength(1);
  });

  test("keeps back the next attempt while the one before may run", async () => {
    const { clock, category, vendor, state, newHost } = locked(true);
    await newHost().create(requestOf());
    const attempt = requestOf({ attempt: 1, outputPrefix: "mem://bucket/metadata/e1/n0/data/1" });
    state.there = false;
    const host = newHost();
    const resourceMeta = await host.create(attempt);
    expect(vendor.live).toHaveLength(1);
    state.there = true;
    await clock.pass(60_000);
    expect((await passing(clock, host.get({ category, resourceMeta }))).phase).toBe("RUNNING");
    expect(vendor.live.map(({ id }) => id)).toEqual([2]);
  });
});
