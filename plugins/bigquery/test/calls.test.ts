import { bigqueryTask } from "@flyte-ts/bigquery";
import { FlyteError, Secret } from "@flyte-ts/core/plugin";
import { failureOf, ManualClock } from "@flyte-ts/core/testing";
import { describe, expect, it } from "vitest";
import type { BigQueryClient, Job } from "../src/client.ts";
import { BigQueryConnector } from "../src/connector.ts";
import type { JobMeta } from "../src/job/job-meta.ts";
import { aKey, metaContext, startDouble, taskContext } from "./fixture.ts";

const config = { project: "p1", location: "US" };
const plain = bigqueryTask({ name: "plain", config, query: "select 1 as x" });
const context = (changes = {}) => taskContext(plain, {}, changes);

describe("answers that do not come", () => {
  it("end with the call's own deadline", async () => {
    const { double, connector } = await startDouble();
    double.fault({ on: "create", kind: "hang", times: 1 });
    const clock = new ManualClock();
    let done = false;
    const failing = failureOf(connector.create(await context({ clock })));
    failing.finally(() => (done = true)).catch(() => {});
    while (!done) await clock.pass(1_000);
    expect(await failing).toMatchObject({
      code: "Unavailable",
      message: expect.stringContaining("no answer within 30 s"),
    });
    // The job is there, and what asks for it again finds it.
    expect(await connector.create(await context())).toMatchObject({ jobId: `flyte-${aKey}` });
    expect(double.jobs()).toHaveLength(1);
  });

  it("end with the signal", async () => {
    const { double, connector } = await startDouble();
    const controller = new AbortController();
    double.intercept = () => {
      controller.abort(new FlyteError("Cancelled", "shut down"));
      return "hang";
    };
    const error = await failureOf(connector.create(await context({ signal: controller.signal })));
    expect(error.message).toBe("shut down");
    expect((await failureOf(connector.create(await context({ signal: controller.signal })))).message).toBe("shut down");
    expect(double.received).toHaveLength(1);
  });

  it("or that are no JSON, or of something else, pass", async () => {
    const { double, connector } = await startDouble();
    double.intercept = () => "garbage";
    expect((await failureOf(connector.create(await context()))).code).toBe("Unavailable");
    double.intercept = () => ({ status: 200, body: { kind: "other" } });
    expect((await failureOf(connector.create(await context()))).code).toBe("Unavailable");
  });

  it.each([
    ["lose", 1],
    ["unavailable", 0],
  ] as const)("%s: the fault passes, and there is one job", async (kind, jobs) => {
    const { double, connector } = await startDouble();
    double.fault({ on: "create", kind, times: 1 });
    const error = await failureOf(connector.create(await context()));
    expect(error).toMatchObject({ code: "Unavailable", recoverable: true });
    // The SDK repeats nothing by itself.
    expect([double.requests.create, double.jobs().length]).toEqual([1, jobs]);
    await connector.create(await context());
    expect(double.jobs()).toHaveLength(1);
  });
});

describe("credentials", () => {
  const withSecret = bigqueryTask({
    name: "t",
    config: { ...config, credentials: { key: "writer" } },
    query: "select 1",
  });
  const job: Job = { reference: { projectId: "p1", jobId: `flyte-${aKey}`, location: "US" }, state: "RUNNING" };

  /** A connector whose client says which credentials it was made with. */
  function asked() {
    const made: (string | undefined)[] = [];
    const connector = new BigQueryConnector({
      client: async ({ credentials }) => {
        made.push(credentials);
        return { insertJob: async () => job, getJob: async () => job } as Partial<BigQueryClient> as BigQueryClient;
      },
    });
    return { made, connector };
  }

  it("come from the secret that the config names, and only its name is kept", async () => {
    const { made, connector } = asked();
    const secrets = { writer: "the key's JSON" };
    const meta = await connector.create(await taskContext(withSecret, {}, { secrets }));
    expect(JSON.stringify(meta)).toContain('"credentials":{"key":"writer"}');
    expect(JSON.stringify(meta)).not.toContain("JSON");
    await connector.get(metaContext(meta, { secrets }));
    expect(made).toEqual(["the key's JSON"]);
    await connector.get(metaContext(meta, { secrets: { writer: "another" } }));
    expect(made).toEqual(["the key's JSON", "another"]);
    expect((await failureOf(connector.create(await taskContext(withSecret, {})))).message).toContain(
      'no secret "writer"',
    );
  });

  it("that Flyte v2 sends along come before those of the process", async () => {
    const { made, connector } = asked();
    const connection = { taskType: "t", configs: {}, secrets: { writer: new Secret("sent") } };
    await connector.create(await taskContext(withSecret, {}, { connection, secrets: { writer: "own" } }));
    expect(made).toEqual(["sent"]);
  });

  it("that are no key of a service account are refused, without being shown", async () => {
    const { connector } = await startDouble();
    const secrets = { writer: "hunter2" };
    const error = await failureOf(connector.create(await taskContext(withSecret, {}, { secrets })));
    expect(error).toMatchObject({ code: "InvalidInput", message: expect.stringContaining("config.credentials") });
    expect(`${error.message} ${error.stack}`).not.toContain("hunter2");
  });

  it("decide, with the project, who shares a limit of requests", () => {
    const { connector } = asked();
    const meta: JobMeta = { project: "p1", jobId: "j", location: "US", results: true };
    const other = { ...meta, credentials: { group: "g", key: "writer" } };
    expect(connector.endpoint(meta)).not.toBe(connector.endpoint(other));
    expect(connector.endpoint(meta)).toBe(connector.endpoint({ ...meta, jobId: "k" }));
  });
});
