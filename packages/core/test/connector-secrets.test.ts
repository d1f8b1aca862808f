import { FlyteError } from "@flyte-ts/core";
import {
  type AsyncConnector,
  type JobContext,
  type LogsContext,
  lineLog,
  type MetricsContext,
  type Resource,
  Secret,
  type SyncConnector,
} from "@flyte-ts/core/plugin";
import { describe, expect, test } from "vitest";
import { requestOf, Surroundings } from "./connector-surroundings.ts";
import { type CountedMeta, CountingConnector } from "./counting-vendor.ts";

const token = "tok/en+of=the\"vendor'é";
const password = "the-connection's-password";

/** Every form in which a text could be found again. */
const forms = (text: string): readonly string[] => [
  text,
  JSON.stringify(text).slice(1, -1),
  encodeURIComponent(text),
  Buffer.from(text).toString("base64").replace(/=+$/, ""),
];

/** A connector that tells everybody everything. */
class Chatterbox extends CountingConnector {
  async tell({ secrets, log, connection }: Parameters<AsyncConnector["create"]>[0] | JobContext<CountedMeta>) {
    const secret = await secrets.get({ group: "vendor", key: "token" });
    const known = [secret.reveal(), ...Object.values(connection?.secrets ?? {}).map((one) => one.reveal())];
    const text = known.flatMap(forms).join(" | ");
    log.warn(`with ${text}`, { headers: { authorization: text }, [text]: 1, secret, error: new Error(text) });
    return text;
  }
  override async create(context: Parameters<AsyncConnector["create"]>[0]) {
    await this.tell(context);
    return super.create(context);
  }
  override async get(context: JobContext<CountedMeta>): Promise<Resource> {
    const text = await this.tell(context);
    return {
      phase: "RUNNING",
      message: text,
      logLinks: [{ name: "x", uri: `https://${text}` }],
      customInfo: { deep: [{ [text]: text }] },
    };
  }
  async getLogs(context: LogsContext<CountedMeta>) {
    return { lines: [{ timestamp: new Date(0), message: await this.tell(context) }] };
  }
  async getMetrics(context: MetricsContext<CountedMeta>) {
    const text = await this.tell(context);
    return [{ metric: "cpu", data: { [text]: [text, 1] } }];
  }
  override async delete(context: JobContext<CountedMeta>): Promise<void> {
    const text = await this.tell(context);
    const cause = Object.assign(new Error("request failed"), { config: { headers: { authorization: text } } });
    throw new FlyteError("PermissionDenied", `refused: ${text}`, { cause });
  }
}

function surroundings(connector: AsyncConnector<never> | CountingConnector | SyncConnector) {
  const around = new Surroundings(connector as CountingConnector);
  const lines: string[] = [];
  const host = around.host({
    log: lineLog("debug", (line) => lines.push(line)),
    secrets: { get: async () => new Secret(token) },
  });
  const connection = { taskType: "counted", secrets: { password: new Secret(password) }, configs: {} };
  return { ...around, host, lines, connection, category: around.category };
}

function expectNothingOf(text: string, what: string): void {
  for (const form of [token, password].flatMap(forms)) expect(text.includes(form), `${form} in ${what}`).toBe(false);
}

describe("a secret that a call has seen", () => {
  test("leaves the host in no answer, error or log line, in no form", async () => {
    const { host, lines, connection, category } = surroundings(new Chatterbox());
    const resourceMeta = await host.create(requestOf({ connection }));
    const answer = await host.get({ category, resourceMeta, connection });
    expect(answer.message).toContain("[secret]");
    expectNothingOf(JSON.stringify(answer), "the answer");
    const logs = await host.logs({ category, resourceMeta, connection });
    expect(logs.lines).toMatchObject([{ timestamp: new Date(0), message: expect.stringMatching(/\[secret\]/) }]);
    expectNothingOf(JSON.stringify(logs), "the job's log");
    const metrics = await host.metrics({ category, resourceMeta, connection, queries: [] });
    expect(metrics).toMatchObject([{ metric: "cpu" }]);
    expectNothingOf(JSON.stringify(metrics), "the job's metrics");
    const error = await host.delete({ category, resourceMeta, connection }).catch((thrown: unknown) => thrown);
    if (!FlyteError.is(error)) throw new Error("no FlyteError");
    expect([error.code, error.message.startsWith("refused: [secret]")]).toEqual(["PermissionDenied", true]);
    expectNothingOf(`${error.stack} ${error.cause} ${JSON.stringify(error)}`, "the error");
    expect(lines.length).toBeGreaterThanOrEqual(3);
    for (const line of lines) expectNothingOf(line, "a log line");
    expectNothingOf(Buffer.from(resourceMeta).toString(), "the meta");
  });

  test("is refused in a meta: the task fails, and no job is left", async () => {
    class Keeps extends CountingConnector {
      override async create(context: Parameters<AsyncConnector["create"]>[0]) {
        const { key } = await super.create(context);
        return { key, url: `https://x?token=${(await context.secrets.get({ key: "token" })).reveal()}` };
      }
    }
    const connector = new Keeps();
    const { host, category } = surroundings(connector);
    const resourceMeta = await host.create(requestOf());
    const { phase, message } = await host.get({ category, resourceMeta });
    expect([phase, message.includes("it holds a secret"), connector.vendor.live]).toEqual(["FAILED", true, []]);
    expectNothingOf(Buffer.from(resourceMeta).toString(), "the meta");
  });

  test("is refused as itself: what is written in its place would be of no use", async () => {
    class Keeps extends CountingConnector {
      override async create(context: Parameters<AsyncConnector["create"]>[0]) {
        const { key } = await super.create(context);
        return { key, token: await context.secrets.get({ key: "token" }) };
      }
    }
    const connector = new Keeps();
    const { host, category } = surroundings(connector);
    const { phase, message } = await host.get({ category, resourceMeta: await host.create(requestOf()) });
    expect([phase, message.includes("a secret is not serialised"), connector.vendor.live]).toEqual([
      "FAILED",
      true,
      [],
    ]);
  });

  test("stays out of what a connector answers at once", async () => {
    const connector: SyncConnector = {
      name: "Leak",
      async do({ secrets, attempt }) {
        const text = (await secrets.get({ key: "token" })).reveal();
        if (attempt > 0) throw new FlyteError("InvalidInput", `bad request, ${text}`);
        return { phase: "SUCCEEDED", outputs: { rows: 1 }, message: text, customInfo: { text } };
      },
    };
    const { host, lines } = surroundings(connector);
    for (const attempt of [0, 1]) {
      const { outputs: _, ...answer } = await host.do(requestOf({ attempt }));
      expectNothingOf(JSON.stringify(answer), "the answer");
    }
    for (const line of lines) expectNothingOf(line, "a log line");
  });

  test("that is missing for a while is not taken for a job that is", async () => {
    const connector = new Chatterbox();
    const around = new Surroundings(connector);
    let there = true;
    const get = async (): Promise<Secret> => {
      if (there) return new Secret(token);
      throw new FlyteError("NotFound", "no secret vendor/token");
    };
    const host = around.host({ secrets: { get } });
    const { category, clock } = around;
    const resourceMeta = await host.create(requestOf());
    there = false;
    expect((await host.get({ category, resourceMeta })).phase).toBe("RUNNING");
    await expect(host.delete({ category, resourceMeta })).rejects.toThrow("no secret vendor/token");
    there = true;
    await clock.pass(2_000);
    expect((await host.get({ category, resourceMeta })).phase).toBe("RUNNING");
    there = false;
    const other = await host.create(requestOf({ outputPrefix: "mem://bucket/e1/n1/data/0" }));
    expect(await host.get({ category, resourceMeta: other })).toMatchObject({
      phase: "FAILED",
      message: "no secret vendor/token",
    });
  });

  test("does not stand in what a pending job keeps", async () => {
    const connector = new Chatterbox();
    connector.vendor.turns = ["unavailable"];
    const { host, connection, memory } = surroundings(connector);
    const resourceMeta = await host.create(requestOf({ connection }));
    const kept = JSON.parse(Buffer.from(resourceMeta).toString().slice(76)) as { request: { inline: string } };
    const { inflateRawSync } = await import("node:zlib");
    expectNothingOf(inflateRawSync(Buffer.from(kept.request.inline, "base64")).toString("latin1"), "the request");
    expect(memory.objects.size).toBe(0);
  });
});
