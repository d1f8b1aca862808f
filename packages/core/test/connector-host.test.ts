import { FlyteError } from "@flyte-ts/core";
import { isSyncConnector, LiteralMap, type SyncConnector, TaskTemplate } from "@flyte-ts/core/plugin";
import { describe, expect, test } from "vitest";
import { passing, requestOf, Surroundings } from "./connector-surroundings.ts";
import { CountingConnector } from "./counting-vendor.ts";

const rows = (outputs: LiteralMap | undefined): unknown => outputs && LiteralMap.toJson(outputs);

describe("a job", () => {
  test("is started, asked for until it ends, and gives its outputs", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    const { category, clock } = around;
    const host = around.host();
    const resourceMeta = await host.create(requestOf());
    const [job] = connector.vendor.jobs;
    expect(await host.get({ category, resourceMeta })).toMatchObject({
      phase: "RUNNING",
      logLinks: [{ uri: `https://vendor.example/jobs/${job?.key.slice(0, 8)}` }],
    });
    if (job !== undefined) job.state = "succeeded";
    await clock.pass(1_000);
    const { phase, outputs } = await host.get({ category, resourceMeta });
    expect([phase, rows(outputs)]).toEqual([
      "SUCCEEDED",
      { literals: { rows: { scalar: { primitive: { integer: "1" } } } } },
    ]);
  });

  test("is one, however often and at once it is created, here or in another process", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    const host = around.host();
    const metas = await Promise.all([1, 2, 3].map(() => host.create(requestOf())));
    metas.push(await host.create(requestOf()), await around.host().create(requestOf()));
    expect(connector.vendor.jobs).toHaveLength(1);
    expect(new Set(metas.map((meta) => Buffer.from(meta).toString())).size).toBe(1);
    expect(connector.vendor.requests).toEqual(["create", "create"]);
  });

  test("is still to be started after a fault of the vendor's, and get starts it", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    const { category, clock } = around;
    connector.vendor.turns = ["unavailable"];
    const host = around.host();
    const resourceMeta = await host.create(requestOf());
    expect(await host.get({ category, resourceMeta })).toMatchObject({
      phase: "INITIALIZING",
      message: "the job is still to be started: 503",
    });
    await clock.pass(2_000);
    expect(await host.get({ category, resourceMeta })).toMatchObject({ phase: "RUNNING" });
    expect(connector.vendor.jobs).toHaveLength(1);
  });

  test("is started by another process from the bytes of the first", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    const { category } = around;
    connector.vendor.turns = ["lose"];
    const resourceMeta = await around.host().create(requestOf());
    expect(await around.host().get({ category, resourceMeta })).toMatchObject({ phase: "RUNNING" });
    expect(connector.vendor.jobs).toHaveLength(1);
  });

  test("is stopped, as often as that is asked for, also when its start is not known to have come to anything", async () => {
    for (const find of [false, true]) {
      const connector = new CountingConnector(undefined, { find });
      const around = new Surroundings(connector);
      const { category } = around;
      connector.vendor.turns = ["lose"];
      const resourceMeta = await around.host().create(requestOf());
      expect(connector.vendor.live).toHaveLength(1);
      await around.host().delete({ category, resourceMeta });
      const host = around.host();
      await host.delete({ category, resourceMeta });
      await host.delete({ category, resourceMeta });
      expect(connector.vendor.live).toEqual([]);
      expect(connector.vendor.jobs).toHaveLength(1);
      expect((await host.get({ category, resourceMeta })).phase).toBe("ABORTED");
    }
  });

  test("that the user asked for wrongly is FAILED with the message", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    connector.vendor.turns = [new FlyteError("InvalidInput", "syntax error at 1:7")];
    const resourceMeta = await around.host().create(requestOf());
    const answer = await around.host().get({ category: around.category, resourceMeta });
    expect(answer).toMatchObject({ phase: "FAILED", message: "syntax error at 1:7" });
  });

  test("whose vendor hangs is pending before the caller gives up, and one when the vendor answers again", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    const { category, clock } = around;
    connector.vendor.turns = ["hang"];
    const host = around.host();
    const creating = host.create(requestOf(), { deadlineMs: 10_000 });
    await clock.pass(8_000);
    const resourceMeta = await creating;
    const first = host.get({ category, resourceMeta }, { deadlineMs: 10_000 });
    await clock.pass(8_000);
    expect((await first).phase).toBe("QUEUED");
    await clock.pass(60_000);
    expect((await passing(clock, host.get({ category, resourceMeta }))).phase).toBe("RUNNING");
    expect(connector.vendor.jobs).toHaveLength(1);
  });
});

describe("the job of the attempt before", () => {
  const prefix = (number: number | string) => `mem://bucket/metadata/e1/n0/data/${number}`;

  test.each([
    ["in Flyte v1, which numbers folders from 0", 0],
    ["in Flyte v2, which numbers them from 1", 1],
  ])("is deleted when the next one starts, %s", async (_, first) => {
    for (const find of [true, false]) {
      const connector = new CountingConnector(undefined, { find });
      const around = new Surroundings(connector);
      const host = around.host();
      await host.create(requestOf({ outputPrefix: prefix(first) }));
      // without `find` only the process that has started it knows of it
      const next = find ? around.host() : host;
      await next.create(requestOf({ outputPrefix: prefix(first + 1), attempt: 1 }));
      expect(connector.vendor.jobs.map(({ state }) => state)).toEqual(["cancelled", "running"]);
    }
  });

  test("is left alone when it has ended, and when the folder is no attempt's", async () => {
    const connector = new CountingConnector(undefined, { find: true });
    const around = new Surroundings(connector);
    await around.host().create(requestOf());
    for (const job of connector.vendor.jobs) job.state = "succeeded";
    await around.host().create(requestOf({ outputPrefix: prefix(1), attempt: 1 }));
    expect(connector.vendor.jobs.map(({ state }) => state)).toEqual(["succeeded", "running"]);
    await around.host().create(requestOf({ outputPrefix: prefix(7), attempt: 0 }));
    await around.host().create(requestOf({ outputPrefix: prefix(8), attempt: 1 }));
    expect(connector.vendor.live).toHaveLength(3);
  });

  test("is waited for while the vendor cannot be asked for it: two attempts never run at once", async () => {
    const connector = new CountingConnector(undefined, { find: true });
    const around = new Surroundings(connector);
    const { category, clock } = around;
    await around.host().create(requestOf());
    connector.vendor.turns = ["unavailable"];
    const host = around.host();
    const resourceMeta = await host.create(requestOf({ outputPrefix: prefix(1), attempt: 1 }));
    expect(connector.vendor.jobs).toHaveLength(1);
    await clock.pass(2_000);
    expect((await host.get({ category, resourceMeta })).phase).toBe("RUNNING");
    expect(connector.vendor.jobs.map(({ state }) => state)).toEqual(["cancelled", "running"]);
  });
});

describe("a connector that answers at once", () => {
  const connector: SyncConnector = {
    name: "Echo",
    async do({ attempt, idempotencyKey }) {
      if (attempt > 1) throw new FlyteError("Unavailable", "not now");
      return { phase: "SUCCEEDED", outputs: { rows: idempotencyKey.length } };
    },
  };

  test("is called, and gives its outputs", async () => {
    expect(isSyncConnector(connector)).toBe(true);
    const host = new Surroundings(connector).host();
    const { phase, outputs } = await host.do(requestOf());
    expect([phase, rows(outputs)]).toEqual([
      "SUCCEEDED",
      { literals: { rows: { scalar: { primitive: { integer: "64" } } } } },
    ]);
    expect(await host.do(requestOf({ attempt: 2 }))).toMatchObject({ phase: "RETRYABLE_FAILED", message: "not now" });
  });

  test("is called once for a job too, which has ended, as an element of a map task", async () => {
    for (const size of [10, 20_000, 3_000_000]) {
      let calls = 0;
      const mapped: SyncConnector = {
        name: "Mapped",
        async do({ idempotencyKey }) {
          calls += 1;
          return { phase: "SUCCEEDED", message: "done", outputs: { rows: idempotencyKey.slice(0, 3).padEnd(size) } };
        },
      };
      const around = new Surroundings(mapped);
      const category = { name: "counted", version: 1 };
      const template = TaskTemplate.fromJson({
        type: "counted",
        taskTypeVersion: 1,
        interface: { outputs: { variables: { rows: { type: { simple: "STRING" } } } } },
      });
      const host = around.host();
      const request = requestOf({ category, template });
      const resourceMeta = await host.create(request);
      expect(await host.create(request)).toEqual(resourceMeta);
      expect(resourceMeta.byteLength).toBeLessThan(16_384);
      for (const asked of [host, around.host()]) {
        const { phase, message, outputs } = await asked.get({ category, resourceMeta });
        expect([phase, message, outputs === undefined]).toEqual(["SUCCEEDED", "done", size > 2_000_000]);
        const written =
          size > 2_000_000 ? await around.storage.readBytes(`${request.outputPrefix}/outputs.pb`) : undefined;
        const found = outputs ?? (written && LiteralMap.decode(written));
        expect(JSON.stringify(rows(found)).length).toBeGreaterThan(size);
        await asked.delete({ category, resourceMeta });
      }
      expect(calls).toBe(1);
    }
  });

  test("is called once for a job also when it takes its time, and the store is away then", async () => {
    let calls = 0;
    const around = new Surroundings({
      name: "Slow",
      do: async () => {
        calls += 1;
        await around.clock.sleep(3_000);
        return { phase: "SUCCEEDED", outputs: { rows: 1 } };
      },
    } satisfies SyncConnector);
    const { category, clock, memory } = around;
    memory.stat = async () => {
      throw new FlyteError("Unavailable", "the store is away");
    };
    const host = around.host();
    const resourceMeta = await passing(clock, host.create(requestOf()));
    expect((await passing(clock, host.get({ category, resourceMeta }))).phase).toBe("SUCCEEDED");
    expect(calls).toBe(1);
  });

  test("fails as a job as it does otherwise, and is not called so as to be deleted", async () => {
    let calls = 0;
    const failing: SyncConnector = {
      name: "Failing",
      async do({ attempt, signal }) {
        calls += 1;
        if (attempt === 0) throw new FlyteError("TaskFailed", "418");
        if (attempt === 1) throw new FlyteError("Unavailable", "503");
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        });
      },
    };
    const around = new Surroundings(failing);
    const { category, clock } = around;
    const host = around.host();
    for (const [attempt, phase] of ["FAILED", "RETRYABLE_FAILED"].entries()) {
      const resourceMeta = await host.create(requestOf({ attempt }));
      expect((await host.get({ category, resourceMeta })).phase).toBe(phase);
    }
    const resourceMeta = await passing(clock, host.create(requestOf({ attempt: 2 })));
    expect((await passing(clock, host.get({ category, resourceMeta }, { deadlineMs: 1_000 }))).phase).toBe("QUEUED");
    await passing(clock, host.delete({ category, resourceMeta }));
    await passing(clock, around.host().delete({ category, resourceMeta }));
    expect(calls).toBe(3);
  });
});
