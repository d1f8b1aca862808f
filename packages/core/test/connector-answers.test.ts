import { FlyteError } from "@flyte-ts/core";
import {
  type AsyncConnector,
  LiteralMap,
  type LogsContext,
  type Resource,
  type SyncConnector,
  TaskTemplate,
} from "@flyte-ts/core/plugin";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { passing, requestOf, Surroundings } from "./connector-surroundings.ts";
import { type CountedMeta, CountingConnector } from "./counting-vendor.ts";

const simple = (type: string) => ({ type: { simple: type } });

const templateOf = (variables: Readonly<Record<string, unknown>>): TaskTemplate =>
  TaskTemplate.fromJson({
    id: { name: "count", version: "v1" },
    type: "counted",
    interface: { outputs: { variables } },
  } as never);

/** The answer of a job that has ended as a connector says. */
async function answerOf(resource: Resource | (() => Resource), template = templateOf({ rows: simple("INTEGER") })) {
  class Says extends CountingConnector {
    override async get(): Promise<Resource> {
      return typeof resource === "function" ? resource() : resource;
    }
  }
  const around = new Surroundings(new Says());
  const host = around.host();
  const resourceMeta = await host.create(requestOf({ template }));
  const get = () => host.get({ category: around.category, resourceMeta });
  return { answer: await get() };
}

const json = (outputs: LiteralMap | undefined) =>
  outputs && (LiteralMap.toJson(outputs) as { readonly literals: unknown }).literals;

describe("the outputs of a job", () => {
  test("are made of native values by their declared types, and of literals as they are", async () => {
    const template = templateOf({ n: simple("INTEGER"), text: simple("STRING"), when: simple("DATETIME") });
    const when = new Date(Date.UTC(2026, 1, 3));
    const { answer } = await answerOf({ phase: "SUCCEEDED", outputs: { n: 3, text: "x", when, more: 1 } }, template);
    expect(json(answer.outputs)).toEqual({
      n: { scalar: { primitive: { integer: "3" } } },
      text: { scalar: { primitive: { stringValue: "x" } } },
      when: { scalar: { primitive: { datetime: "2026-02-03T00:00:00Z" } } },
    });
    const outputs = LiteralMap.fromJson({ literals: { rows: { scalar: { primitive: { integer: "5" } } } } });
    const literal = await answerOf({ phase: "SUCCEEDED", outputs });
    expect(json(literal.answer.outputs)).toEqual({ rows: { scalar: { primitive: { integer: "5" } } } });
  });

  test("that are missing are named, and the job has failed", async () => {
    const template = templateOf({ rows: simple("INTEGER"), bytes: simple("INTEGER") });
    const { answer } = await answerOf({ phase: "SUCCEEDED", outputs: { rows: 3 } }, template);
    expect(answer).toMatchObject({
      phase: "FAILED",
      message: 'the job succeeded without the declared outputs "bytes"; it has "rows"',
    });
    expect((await answerOf({ phase: "SUCCEEDED" })).answer.message).toContain("it has none");
  });

  test("of another type are a failure that names them", async () => {
    const { answer } = await answerOf({ phase: "SUCCEEDED", outputs: { rows: "many" } });
    expect([answer.phase, answer.message.startsWith("output rows: ")]).toEqual(["FAILED", true]);
  });

  test("are none where the task declares none", async () => {
    const { answer } = await answerOf({ phase: "SUCCEEDED", outputs: { rows: 3 } }, templateOf({}));
    expect([answer.phase, answer.outputs]).toEqual(["SUCCEEDED", undefined]);
  });

  test("that are too big are written, as soon as the store takes them", async () => {
    const rows = "x".repeat(3_000_000);
    const connector = new (class extends CountingConnector {
      override async get(): Promise<Resource> {
        return { phase: "SUCCEEDED", outputs: { rows } };
      }
    })();
    const around = new Surroundings(connector);
    const { category, clock, memory, storage } = around;
    const host = around.host();
    const resourceMeta = await host.create(requestOf({ template: templateOf({ rows: simple("STRING") }) }));
    const { write } = memory;
    memory.write = async () => {
      throw new FlyteError("Unavailable", "the store is away");
    };
    expect((await host.get({ category, resourceMeta })).phase).toBe("RUNNING");
    memory.write = write;
    await clock.pass(2_000);
    const { phase, outputs } = await host.get({ category, resourceMeta });
    expect([phase, outputs]).toEqual(["SUCCEEDED", undefined]);
    const bytes = await storage.readBytes(`${requestOf().outputPrefix}/outputs.pb`);
    expect(json(LiteralMap.decode(bytes))).toEqual({ rows: { scalar: { primitive: { stringValue: rows } } } });
  });
});

describe("an answer", () => {
  test("has the job's links, and the connector's others, without repeating one", async () => {
    const own = { name: "Job", uri: "https://vendor.example/jobs/x" };
    class Linked extends CountingConnector {
      override logLinks() {
        return [own];
      }
      override async get(): Promise<Resource> {
        return { phase: "RUNNING", logLinks: [own, { name: "Stages", uri: "https://vendor.example/stages" }] };
      }
    }
    const around = new Surroundings(new Linked());
    const host = around.host();
    const { logLinks } = await host.get({ category: around.category, resourceMeta: await host.create(requestOf()) });
    expect(logLinks.map(({ name }) => name)).toEqual(["Job", "Stages"]);
  });

  test("has what the connector tells besides", async () => {
    const { answer } = await answerOf({ phase: "RUNNING", customInfo: { done: 0.5 }, message: "x".repeat(20_000) });
    expect(answer.customInfo).toEqual({ done: 0.5 });
    expect(answer.message.length).toBeLessThan(17_000);
  });

  test("has of that what JSON can say, and fails for nothing else", async () => {
    const info = { a: undefined, rows: 12n, bytes: 2n ** 70n, at: new Date(0), ratio: Number.NaN, deep: [{ b: 1n }] };
    const { answer } = await answerOf({ phase: "RUNNING", customInfo: info as never });
    const said = { rows: 12, bytes: String(2n ** 70n), at: "1970-01-01T00:00:00.000Z", ratio: null, deep: [{ b: 1 }] };
    expect(answer.customInfo).toEqual(said);
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    for (const odd of [circular, [1], "text", () => 1]) {
      const { answer: without } = await answerOf({ phase: "RUNNING", customInfo: odd as never });
      expect([without.phase, without.customInfo]).toEqual(["RUNNING", undefined]);
    }
    const sync: SyncConnector = { name: "S", do: async () => ({ phase: "FAILED", customInfo: info as never }) };
    expect((await new Surroundings(sync).host().do(requestOf())).customInfo).toEqual(said);
  });

  test("of a phase that there is not is a fault of the connector's", async () => {
    const { answer } = await answerOf({ phase: "UNDEFINED" as never });
    expect(answer.phase).toBe("RUNNING");
  });

  test("that is none, or of a phase that there is not, is named with what would be right", async () => {
    for (const [given, what] of [
      [undefined, "undefined"],
      ["done", '"done"'],
      [{ state: "DONE" }, "the phase undefined"],
      [{ phase: "RUNING" }, 'the phase "RUNING"'],
    ] as const) {
      const right = "it must be an object with a phase: ";
      const jobs = new Surroundings(
        Object.assign(new CountingConnector(), { get: async () => given as never }) as CountingConnector,
      );
      const host = jobs.host({ limits: { unforeseenFaultMs: 0 } });
      const resourceMeta = await host.create(requestOf());
      const { phase, message } = await host.get({ category: jobs.category, resourceMeta });
      expect([phase, message]).toEqual([
        "RETRYABLE_FAILED",
        expect.stringContaining(`Counting answered ${what}; ${right}QUEUED`),
      ]);
      const answering = new Surroundings({ name: "Answer", do: async () => given as never });
      const answer = await answering.host().do(requestOf());
      expect(answer).toMatchObject({
        phase: "FAILED",
        message: `Answer answered ${what}; ${right}SUCCEEDED, ABORTED, FAILED, RETRYABLE_FAILED`,
      });
    }
  });

  test("that a connector throws is what its error says", async () => {
    const thrown = (error: Error) =>
      answerOf(() => {
        throw error;
      }).then(({ answer }) => [answer.phase, answer.message]);
    expect(await thrown(new FlyteError("TaskFailed", "no"))).toEqual(["FAILED", "no"]);
    expect(await thrown(new FlyteError("Recoverable", "again"))).toEqual(["RETRYABLE_FAILED", "again"]);
    expect((await thrown(new FlyteError("NotFound", "gone")))[0]).toBe("RUNNING");
    expect((await thrown(new FlyteError("PermissionDenied", "not now")))[0]).toBe("RUNNING");
    expect((await thrown(new FlyteError("Unavailable", "503")))[0]).toBe("RUNNING");
    expect((await thrown(new Error("oops")))[0]).toBe("RUNNING");
  });
});

describe("a meta", () => {
  const failure = async (meta: unknown, schema: AsyncConnector["meta"]["schema"] = v.unknown()) => {
    const vendor = new CountingConnector().vendor;
    class Keeps extends CountingConnector {
      override readonly meta = { version: 1, schema } as never;
      override async create(context: Parameters<AsyncConnector["create"]>[0]) {
        const { key } = await super.create(context);
        return (typeof meta === "object" && meta !== null ? { key, ...meta } : meta) as never;
      }
    }
    const around = new Surroundings(new Keeps(vendor));
    const host = around.host();
    const resourceMeta = await host.create(requestOf());
    const { phase, message } = await host.get({ category: around.category, resourceMeta });
    return { phase, message, live: vendor.live.length };
  };

  test("that cannot be kept fails the task with the reason, and leaves no job", async () => {
    const big = await failure({ text: "x".repeat(20_000) });
    expect([big.phase, big.live]).toEqual(["FAILED", 0]);
    expect(big.message).toMatch(/the connector Counting made a meta that cannot be kept: it has 20\d+ bytes of JSON/);
    const integer = await failure({ rows: 3n });
    expect([integer.phase, integer.live]).toEqual(["FAILED", 0]);
    const other = await failure({ rows: "3" }, v.object({ rows: v.number() }));
    expect([other.phase, other.live, other.message.includes("rows: ")]).toEqual(["FAILED", 0, true]);
  });

  test("of a version that the connector cannot read is waited for, as an update may mend it", async () => {
    const old = new CountingConnector();
    const around = new Surroundings(old);
    const { category, clock } = around;
    const resourceMeta = await around.host().create(requestOf());
    class Newer extends CountingConnector {
      override readonly meta = { version: 2, schema: v.object({ id: v.string() }) } as never;
    }
    around.registry.register("counted", new Newer(old.vendor), { override: true });
    const host = around.host();
    expect((await host.get({ category, resourceMeta })).phase).toBe("RUNNING");
    await expect(host.delete({ category, resourceMeta })).rejects.toThrow(/cannot read a meta of version 1/);
    await clock.pass(400_000);
    const { phase, message } = await host.get({ category, resourceMeta });
    expect([phase, message.includes("cannot read a meta of version 1")]).toEqual(["RETRYABLE_FAILED", true]);
  });
});

describe("a request that is none", () => {
  const around = new Surroundings(new CountingConnector());
  const host = around.host();
  const { category } = around;

  test("is refused with what would be right", async () => {
    const { metadata } = requestOf();
    const nowhere = requestOf({ outputPrefix: "", metadata: { ...metadata, execution: "" } });
    await expect(host.create(nowhere)).rejects.toMatchObject({
      code: "InvalidInput",
      message: expect.stringContaining("output_prefix"),
    });
    const answering = new Surroundings({ name: "Answer", do: async () => ({ phase: "SUCCEEDED" }) });
    await expect(answering.host().do(nowhere)).rejects.toMatchObject({
      code: "InvalidInput",
      message: expect.stringContaining("output_prefix"),
    });
    const unknown = { name: "countd", version: 0 };
    await expect(host.create(requestOf({ category: unknown }))).rejects.toMatchObject({
      code: "UnknownTaskType",
      message: expect.stringContaining('did you mean "counted"?'),
    });
    for (const text of ["", "{}", '{"job":1}', "flyte-ts/1 abc", `flyte-ts/1 ${"a".repeat(64)} {`]) {
      const resourceMeta = Buffer.from(text);
      await expect(host.get({ category, resourceMeta }), text).rejects.toMatchObject({ code: "InvalidInput" });
      await expect(host.delete({ category, resourceMeta }), text).rejects.toMatchObject({ code: "InvalidInput" });
    }
    await expect(host.do(requestOf())).rejects.toMatchObject({ code: "InvalidInput" });
  });

  test("is refused for another task type than the job's", async () => {
    const two = new Surroundings(new CountingConnector());
    two.registry.register("other", new CountingConnector());
    const resourceMeta = await two.host().create(requestOf());
    const other = { category: { name: "other", version: 0 }, resourceMeta };
    await expect(two.host().get(other)).rejects.toMatchObject({ code: "InvalidInput" });
  });
});

describe("a pending job", () => {
  test("that is too big for its meta is written beside the outputs, and started from there", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    const { category, memory } = around;
    connector.vendor.turns = ["unavailable"];
    const noise = Array.from({ length: 20_000 }, (_, at) => Math.imul(at + 1, 2_654_435_761) >>> 0).join(" ");
    const inputs = LiteralMap.fromJson({ literals: { text: { scalar: { primitive: { stringValue: noise } } } } });
    const resourceMeta = await around.host().create(requestOf({ inputs }));
    expect(resourceMeta.byteLength).toBeLessThan(1_000);
    expect([...memory.objects.keys()]).toEqual([`${requestOf().outputPrefix}/flyte-ts-request`]);
    expect((await around.host().get({ category, resourceMeta })).phase).toBe("RUNNING");
    expect(connector.vendor.jobs).toHaveLength(1);
  });

  test("is kept in its meta where no store takes it, and the deadline is kept where the store hangs", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    const { category, clock, memory } = around;
    const noise = Array.from({ length: 2_000 }, (_, at) => Math.imul(at + 1, 2_654_435_761) >>> 0).join(" ");
    const inputs = LiteralMap.fromJson({ literals: { text: { scalar: { primitive: { stringValue: noise } } } } });
    memory.write = () => new Promise(() => {});
    connector.vendor.turns = ["hang"];
    const creating = around.host().create(requestOf({ inputs }), { deadlineMs: 10_000 });
    const before = clock.elapsed();
    const resourceMeta = await passing(clock, creating);
    expect(clock.elapsed() - before).toBeLessThan(10_000);
    expect(resourceMeta.byteLength).toBeGreaterThan(8_192);
    expect((await around.host().get({ category, resourceMeta })).phase).toBe("RUNNING");
    expect(connector.vendor.jobs).toHaveLength(1);
  });

  test("gives the connector what the first call did", async () => {
    const seen: unknown[] = [];
    class Notes extends CountingConnector {
      override create(context: Parameters<AsyncConnector["create"]>[0]) {
        const { idempotencyKey, nodeKey, attempt, metadata, outputPrefix, category } = context;
        const { template, inputs } = context;
        const messages = [TaskTemplate.toJson(template), LiteralMap.toJson(inputs)];
        seen.push({ idempotencyKey, nodeKey, attempt, metadata, outputPrefix, category, messages });
        return super.create(context);
      }
    }
    const connector = new Notes();
    const around = new Surroundings(connector);
    connector.vendor.turns = ["unavailable"];
    const inputs = LiteralMap.fromJson({ literals: { x: { scalar: { primitive: { integer: "7" } } } } });
    const { metadata } = requestOf();
    const request = requestOf({ inputs, attempt: 2, metadata: { ...metadata, labels: { team: "a" } } });
    const resourceMeta = await around.host().create(request);
    await around.host().get({ category: around.category, resourceMeta });
    expect(seen).toHaveLength(2);
    expect(seen[1]).toEqual(seen[0]);
  });
});

describe("metrics and logs", () => {
  test("are the connector's, for jobs that are there", async () => {
    class Tells extends CountingConnector {
      async getLogs({ meta, token }: LogsContext<CountedMeta>) {
        return { lines: [{ timestamp: undefined, message: `${meta.key.length} ${token}` }], nextToken: "2" };
      }
      async getMetrics({ queries }: { readonly queries: readonly string[] }) {
        return queries.map((metric) => ({ metric, data: {} }));
      }
    }
    const connector = new Tells();
    const around = new Surroundings(connector);
    const { category } = around;
    const host = around.host();
    const resourceMeta = await host.create(requestOf());
    expect(await host.logs({ category, resourceMeta, token: "1" })).toEqual({
      lines: [{ timestamp: undefined, message: "64 1" }],
      nextToken: "2",
    });
    expect(await host.metrics({ category, resourceMeta, queries: ["cpu"] })).toEqual([{ metric: "cpu", data: {} }]);
    const plain = new Surroundings(new CountingConnector());
    const other = plain.host();
    const job = { category, resourceMeta: await other.create(requestOf()) };
    await expect(other.logs(job)).rejects.toMatchObject({ code: "Unsupported" });
    await expect(other.metrics({ ...job, queries: [] })).rejects.toMatchObject({ code: "Unsupported" });
  });
});
