import { type ConnectorHost, FlyteError, TaskTemplate } from "@flyte-ts/core/plugin";
import { describe, expect, test } from "vitest";
import { passing, requestOf, Surroundings } from "./connector-surroundings.ts";
import { CountingConnector } from "./counting-vendor.ts";

const requestAt = (at: number) => requestOf({ outputPrefix: `mem://bucket/e1/n${at}/data/0` });

/** Jobs of one host. */
async function jobs(host: ConnectorHost, count: number): Promise<Uint8Array[]> {
  return Promise.all(Array.from({ length: count }, (_, at) => host.create(requestAt(at))));
}

class TenASecond extends CountingConnector {
  override readonly requestsPerSecond = 10;
}

describe("requests to one endpoint", () => {
  test("are so many a second, and every job has its turn whichever is asked for first", async () => {
    const connector = new TenASecond();
    const around = new Surroundings(connector);
    const { category, clock } = around;
    const host = around.host();
    const metas = await jobs(host, 100);
    for (const job of connector.vendor.jobs) job.state = "succeeded";
    const start = clock.elapsed();
    const phases = async () => {
      const answers = await Promise.all(metas.map((resourceMeta) => host.get({ category, resourceMeta })));
      return answers.filter(({ phase }) => phase === "SUCCEEDED").length;
    };
    expect(await phases()).toBeLessThanOrEqual(10);
    await clock.pass(5_000);
    expect(connector.vendor.requests.filter((name) => name === "get").length).toBeLessThanOrEqual(
      10 + (10 * (clock.elapsed() - start)) / 1_000,
    );
    await clock.pass(10_000);
    expect(await phases()).toBe(100);
  });

  test("stop for all its jobs when it says so, and for no other endpoint's", async () => {
    class TwoEndpoints extends CountingConnector {
      endpoint({ key }: { readonly key: string }): string {
        return this.vendor.jobs.findIndex((job) => job.key === key) === 2 ? "b" : "a";
      }
    }
    const connector = new TwoEndpoints();
    const around = new Surroundings(connector);
    const { category, clock } = around;
    const host = around.host();
    const [first, second, third] = (await jobs(host, 3)) as [Uint8Array, Uint8Array, Uint8Array];
    connector.vendor.turns = [new FlyteError("Throttled", "slow down", { retryAfterMs: 30_000 })];
    for (const resourceMeta of [first, second, third]) await host.get({ category, resourceMeta });
    const asked = () => connector.vendor.requests.filter((name) => name === "get").length;
    expect(asked()).toBe(2);
    await clock.pass(29_000);
    for (const resourceMeta of [first, second, third]) await host.get({ category, resourceMeta });
    expect(asked()).toBe(3);
    await clock.pass(2_000);
    for (const resourceMeta of [first, second]) await host.get({ category, resourceMeta });
    expect(asked()).toBeGreaterThanOrEqual(5);
  });

  test("stop for a quarter of an hour at most, whatever it asks for", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    const { category, clock } = around;
    const host = around.host();
    const [resourceMeta = new Uint8Array()] = await jobs(host, 1);
    const days = 30 * 86_400_000;
    connector.vendor.turns = [new FlyteError("Throttled", "come back next month", { retryAfterMs: days })];
    await host.get({ category, resourceMeta });
    for (const job of connector.vendor.jobs) job.state = "succeeded";
    await clock.pass(890_000);
    expect((await host.get({ category, resourceMeta })).phase).toBe("RUNNING");
    await clock.pass(20_000);
    expect((await host.get({ category, resourceMeta })).phase).toBe("SUCCEEDED");
  });

  test("without a limit go on after it has asked for fewer", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    const { category, clock } = around;
    const host = around.host();
    const [resourceMeta = new Uint8Array()] = await jobs(host, 1);
    connector.vendor.turns = [new FlyteError("Throttled", "slow down"), new FlyteError("Throttled", "slow down")];
    for (let turn = 0; turn < 3; turn += 1) {
      await host.get({ category, resourceMeta });
      await clock.pass(20_000);
    }
    expect(connector.vendor.requests.filter((name) => name === "get")).toHaveLength(3);
    for (const job of connector.vendor.jobs) job.state = "succeeded";
    expect((await host.get({ category, resourceMeta })).phase).toBe("SUCCEEDED");
  });

  test("are one for polls that come together, and none for a while after", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    const { category, clock } = around;
    const host = around.host();
    const [resourceMeta = new Uint8Array()] = await jobs(host, 1);
    await Promise.all([1, 2, 3].map(() => host.get({ category, resourceMeta })));
    await host.get({ category, resourceMeta });
    expect(connector.vendor.requests).toEqual(["create", "get"]);
    await clock.pass(1_000);
    await host.get({ category, resourceMeta });
    expect(connector.vendor.requests).toEqual(["create", "get", "get"]);
  });
});

test("the wait after a fault doubles, and is another one for each process: half of it, or all, or between", async () => {
  const waits = async (random: number): Promise<readonly number[]> => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    const { category, clock } = around;
    const host = around.host({ random: () => random });
    const [resourceMeta = new Uint8Array()] = await jobs(host, 1);
    connector.vendor.always = "unavailable";
    const at: number[] = [];
    const start = clock.elapsed();
    for (let asked = 0; at.length < 5; await clock.pass(50)) {
      await host.get({ category, resourceMeta });
      const now = connector.vendor.requests.filter((name) => name === "get").length;
      if (now > asked) at.push(clock.elapsed() - start);
      asked = now;
    }
    return at.slice(1).map((time, index) => time - (at[index] ?? 0));
  };
  const near = (ms: number) => expect.toSatisfy((wait: number) => wait >= ms && wait <= ms + 100);
  expect(await waits(0)).toEqual([500, 1_000, 2_000, 4_000].map(near));
  expect(await waits(0.5)).toEqual([750, 1_500, 3_000, 6_000].map(near));
  expect(await waits(0.999_999)).toEqual([1_000, 2_000, 4_000, 8_000].map((ms) => near(ms - 1)));
});

describe("starts", () => {
  const startsOf = (connector: CountingConnector) =>
    connector.vendor.requests.filter((name) => name === "create").length;

  test("wait together when the vendor asks for fewer, and then come at its rate", async () => {
    const connector = new TenASecond();
    const around = new Surroundings(connector);
    const { category, clock } = around;
    const host = around.host();
    connector.vendor.turns = [new FlyteError("Throttled", "slow down", { retryAfterMs: 30_000 })];
    const metas: Uint8Array[] = [];
    for (let at = 0; at < 100; at += 1) metas.push(await host.create(requestAt(at)));
    const get = () => Promise.all(metas.map((resourceMeta) => host.get({ category, resourceMeta })));
    expect(startsOf(connector)).toBe(1);
    await clock.pass(20_000);
    expect((await get()).map(({ phase }) => phase)).toEqual(metas.map(() => "INITIALIZING"));
    expect(startsOf(connector)).toBe(1);
    await clock.pass(11_000);
    await get();
    expect(startsOf(connector)).toBeLessThanOrEqual(11);
    for (let turn = 0; turn < 20; turn += 1) {
      await clock.pass(1_000);
      await get();
    }
    expect(connector.vendor.jobs).toHaveLength(100);
  });
});

describe("faults in a row", () => {
  test.each([
    ["that pass", "unavailable" as const, 3_600_000],
    ["that nobody foresaw", new TypeError("x is undefined"), 300_000],
  ])("%s are waited for, and then the attempt is given up with their text", async (_, turn, limit) => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    const { category, clock } = around;
    const host = around.host();
    const resourceMeta = await host.create(requestOf());
    expect((await host.get({ category, resourceMeta })).phase).toBe("RUNNING");
    connector.vendor.always = turn;
    for (let gone = 0; gone < limit - 60_000; gone += 30_000) {
      await clock.pass(30_000);
      expect((await host.get({ category, resourceMeta })).phase).toBe("RUNNING");
    }
    await clock.pass(120_000);
    const { phase, message } = await host.get({ category, resourceMeta });
    expect(phase).toBe("RETRYABLE_FAILED");
    expect(message).toContain(typeof turn === "string" ? "503" : "x is undefined");
  });

  test("while a job is started are waited for as long", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    const { category, clock } = around;
    connector.vendor.always = "unavailable";
    const host = around.host();
    const resourceMeta = await host.create(requestOf());
    for (let gone = 0; gone < 3_500_000; gone += 60_000) {
      await clock.pass(60_000);
      const { phase, message } = await host.get({ category, resourceMeta });
      expect([phase, message]).toEqual(["INITIALIZING", "the job is still to be started: 503"]);
    }
    await clock.pass(200_000);
    expect(await host.get({ category, resourceMeta })).toMatchObject({ phase: "RETRYABLE_FAILED", message: "503" });
  });

  test("are forgotten when the vendor answers in between", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    const { category, clock } = around;
    const host = around.host();
    const resourceMeta = await host.create(requestOf());
    for (let round = 0; round < 3; round += 1) {
      connector.vendor.always = "unavailable";
      for (let gone = 0; gone < 3_000_000; gone += 60_000) {
        await host.get({ category, resourceMeta });
        await clock.pass(60_000);
      }
      connector.vendor.always = "ok";
      expect((await host.get({ category, resourceMeta })).phase).toBe("RUNNING");
      await clock.pass(60_000);
    }
  });
});

describe("a host", () => {
  test("forgets jobs beyond its measure, and goes on with them from their bytes", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    const { category, clock } = around;
    const host = around.host({ limits: { maxJobs: 6 } });
    const metas: Uint8Array[] = [];
    for (let at = 0; at < 40; at += 1) metas.push(await host.create(requestAt(at)));
    for (const job of connector.vendor.jobs) job.state = "succeeded";
    for (const resourceMeta of metas) {
      expect((await host.get({ category, resourceMeta })).phase).toBe("SUCCEEDED");
    }
    expect(connector.vendor.jobs).toHaveLength(40);
    await clock.pass(1_000);
  });

  test("forgets finished jobs with big outputs first, and gives them again", async () => {
    const rows = "x".repeat(1_500_000);
    class Big extends CountingConnector {
      override async get() {
        this.vendor.requests.push("get");
        return { phase: "SUCCEEDED" as const, outputs: { rows } };
      }
    }
    const connector = new Big();
    const around = new Surroundings(connector);
    const { category } = around;
    const host = around.host();
    const template = TaskTemplate.fromJson({
      type: "counted",
      interface: { outputs: { variables: { rows: { type: { simple: "STRING" } } } } },
    });
    const metas = await Promise.all(Array.from({ length: 50 }, (_, at) => host.create({ ...requestAt(at), template })));
    const asked = () => connector.vendor.requests.filter((name) => name === "get").length;
    for (const resourceMeta of metas) await host.get({ category, resourceMeta });
    expect(asked()).toBe(50);
    const [first = new Uint8Array()] = metas;
    expect((await host.get({ category, resourceMeta: metas.at(-1) ?? first })).outputs).toBeDefined();
    expect(asked()).toBe(50);
    expect((await host.get({ category, resourceMeta: first })).outputs).toBeDefined();
    expect(asked()).toBe(51);
  });

  test("that closes ends what is under way, and answers with what it knows", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    const { category, clock } = around;
    connector.vendor.turns = ["hang"];
    const host = around.host();
    const creating = host.create(requestOf());
    await clock.pass(100);
    await host.close();
    const resourceMeta = await creating;
    expect(clock.sleeping).toBe(0);
    expect((await passing(clock, around.host().get({ category, resourceMeta }))).phase).toBe("RUNNING");
    expect(connector.vendor.jobs).toHaveLength(1);
  });

  test("does not wait for a connector that heeds no signal", async () => {
    class Deaf extends CountingConnector {
      override get(): Promise<never> {
        return new Promise(() => {});
      }
    }
    const around = new Surroundings(new Deaf());
    const { category, clock } = around;
    const host = around.host();
    const resourceMeta = await host.create(requestOf());
    const answer = host.get({ category, resourceMeta }, { deadlineMs: 3_000 });
    await clock.pass(2_500);
    expect((await answer).phase).toBe("RUNNING");
    await clock.pass(3_700_000);
    expect((await passing(clock, host.get({ category, resourceMeta }, { deadlineMs: 3_000 }))).phase).toBe("RUNNING");
  });
});
