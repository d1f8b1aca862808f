import { bigqueryTask } from "@flyte-ts/bigquery";
import { PreciseDate, t } from "@flyte-ts/core";
import { LiteralMap, localTaskContext } from "@flyte-ts/core/plugin";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { askEmulator, config, resultsOf, rowsOf, runStatement, startBigQuery } from "../src/bigquery/emulated.ts";
import { endOf, newHost, requestFor, run, taskType } from "../src/bigquery/job-runner.ts";
import type { Emulator } from "../src/emulators/emulator.ts";

const category = { name: taskType, version: 0 };
let bigQuery: Emulator;

beforeAll(async () => {
  bigQuery = await startBigQuery();
  await runStatement("create table d.inserts (mark string)");
});
afterAll(() => bigQuery?.stop());
beforeEach(() => bigQuery.faults.clear());

describe("a job", () => {
  test("is bound inputs of every type, and its rows have the same values", async () => {
    const inputs = {
      int: t.bigint,
      float: t.float,
      nan: t.float,
      flag: t.boolean,
      text: t.string,
      bytes: t.bytes,
      at: t.datetime,
      day: t.date,
      kind: t.enum(["a", "b"]),
      nothing: t.optional(t.int),
      price: t.string,
      json: t.json,
      map: t.map(t.int),
      ints: t.list(t.int),
      texts: t.list(t.string),
      object: t.object({ n: t.int, day: t.date, raw: t.optional(t.string), in: t.object({ xs: t.list(t.float) }) }),
      objects: t.list(t.object({ k: t.string, v: t.optional(t.int) })),
    };
    const names = Object.keys(inputs);
    const task = bigqueryTask({
      name: "all-types",
      config: { ...config, parameterTypes: { price: "BIGNUMERIC" } },
      inputs,
      query: `select ${names.map((name) => `{{ .inputs.${name} }} as \`${name}\``).join(", ")}`,
    });
    const text = 'it\'s "@int" {{projectId}} \\ ; -- ünï\n日本';
    const answer = await run(
      await requestFor(task, {
        int: -(2n ** 63n),
        float: -0.1,
        nan: Number.NaN,
        flag: false,
        text,
        bytes: Uint8Array.of(0, 255, 10),
        at: new PreciseDate(1_709_209_805_123_456_000n),
        day: new Date("1969-12-31T00:00:00Z"),
        kind: "b",
        nothing: null,
        price: "12345678901234567890.123",
        json: { a: [1, null, "x"], b: { c: true } },
        map: { z: 1 },
        ints: [1, -2],
        texts: [],
        object: { n: 1, day: new Date("2024-02-29T00:00:00Z"), raw: null, in: { xs: [1.5, 2] } },
        objects: [
          { k: "a", v: 1 },
          { k: "b", v: null },
        ],
      }),
    );
    const [row] = await resultsOf(answer).toArray();
    expect(row).toEqual({
      int: -(2n ** 63n),
      float: -0.1,
      nan: Number.NaN,
      flag: false,
      text,
      bytes: Buffer.from([0, 255, 10]),
      at: new Date("2024-02-29T12:30:05.123Z"),
      day: new Date("1969-12-31T00:00:00Z"),
      kind: "b",
      nothing: null,
      price: "12345678901234567890.123",
      json: '{"a":[1,null,"x"],"b":{"c":true}}',
      map: '{"z":1}',
      ints: "[1,-2]",
      texts: "[]",
      object: '{"n":1,"day":"2024-02-29","raw":null,"in":{"xs":[1.5,2]}}',
      objects: '[{"k":"a","v":1},{"k":"b","v":null}]',
    });
    const micros = await resultsOf(answer)
      .batches({ columns: ["at"] })
      [Symbol.asyncIterator]()
      .next();
    expect(micros.value?.columns[0]?.values[0]).toBe(1_709_209_805_123_456n);
  });

  test("gives 120,000 rows, typed as declared, streamed over several pages", async () => {
    const columns = { n: t.bigint, half: t.float, name: t.string };
    const task = bigqueryTask({
      name: "many",
      config,
      inputs: { count: t.int },
      query:
        "select n, n / 2 as half, concat('row ', cast(n as string)) as name from unnest(generate_array(1, @count)) n order by n",
      columns,
    });
    const answer = await run(await requestFor(task, { count: 120_000 }));
    let count = 0n;
    for await (const { n, half, name } of resultsOf(answer).rows()) {
      count += 1n;
      if (BigInt(n as number) !== count || half !== Number(count) / 2 || name !== `row ${count}`)
        throw new Error(`row ${count}`);
    }
    expect(count).toBe(120_000n);
    const pages = (await bigQuery.faults.log()).filter(({ url }) => url.includes("/data?"));
    expect(pages.length).toBeGreaterThan(2);
  });

  test("writes tables as its config says, and reads from the default dataset", async () => {
    const write = (disposition: "WRITE_APPEND" | "WRITE_TRUNCATE" | "WRITE_EMPTY") =>
      bigqueryTask({
        name: "write",
        config: { ...config, destination: "d.written", writeDisposition: disposition },
        inputs: { n: t.int },
        query: "select @n as n",
      });
    const into = async (disposition: Parameters<typeof write>[0], n: number) =>
      run(await requestFor(write(disposition), { n }));
    resultsOf(await into("WRITE_EMPTY", 1));
    expect((await into("WRITE_EMPTY", 2)).phase).toBe("FAILED");
    resultsOf(await into("WRITE_APPEND", 3));
    const read = bigqueryTask({
      name: "read",
      config: { ...config, defaultDataset: "d" },
      query: "select n from written order by n",
    });
    expect(await resultsOf(await run(await requestFor(read, {}))).toArray()).toEqual([{ n: 1 }, { n: 3 }]);
    const truncated = resultsOf(await into("WRITE_TRUNCATE", 4));
    expect([truncated.uri, await truncated.toArray()]).toEqual(["bq://p1:d.written", [{ n: 4 }]]);
  });

  test("carries its labels and priority, and its script's last rows are the results", async () => {
    const task = bigqueryTask({
      name: "script",
      config: { ...config, priority: "BATCH", labels: { team: "x" } },
      query: "declare x int64 default 5; create temp table q as select x as a; select a * 2 as b from q;",
    });
    expect(await resultsOf(await run(await requestFor(task, {}))).toArray()).toEqual([{ b: 10 }]);
    const plain = bigqueryTask({
      name: "plain",
      config: { ...config, priority: "BATCH", labels: { team: "x" } },
      query: "select 1",
    });
    const { customInfo } = await run(await requestFor(plain, {}));
    const { configuration } = await askEmulator(bigQuery, `jobs/${customInfo?.jobId}`);
    expect(configuration).toMatchObject({
      query: { priority: "BATCH" },
      labels: {
        team: "x",
        "flyte-project": "p",
        "flyte-domain": "d",
        "flyte-execution": "e1",
        "flyte-node": "n0",
        "execution-id": "e1",
      },
    });
  });

  test("is tried without being run", async () => {
    const dry = (query: string) =>
      bigqueryTask({ name: "dry", config: { ...config, dryRun: true }, query, output: "none" });
    const { phase, customInfo } = await run(await requestFor(dry("insert into d.inserts values ('dry')"), {}));
    expect([phase, customInfo?.dryRun]).toEqual(["SUCCEEDED", true]);
    expect(await run(await requestFor(dry("select nothing from nowhere"), {}))).toMatchObject({ phase: "FAILED" });
    expect(await rowsOf("select mark from d.inserts where mark = 'dry'")).toEqual([]);
  });

  test("from a pod gives what the connector gives", async () => {
    const query = {
      name: "both",
      config,
      inputs: { n: t.int },
      query: "select @n as n, 'x' as s",
      columns: { n: t.int, s: t.string },
    };
    const outputs = await Promise.all(
      [bigqueryTask(query), bigqueryTask({ ...query, name: "both-pod", runAs: "pod" })].map(async (each) => {
        const context = await localTaskContext({ task: each.name });
        const literals = { n: t.int.toLiteral(7) };
        const map = await each.dispatchExecute(context, LiteralMap.create({ literals }));
        const literal = JSON.stringify(LiteralMap.toJson(map)).replace(/flyte-[0-9a-f]{64}/, "");
        const results = (await each({ n: 7 })).results;
        return { literal, rows: await results.toArray() };
      }),
    );
    expect(outputs[1]).toEqual(outputs[0]);
    expect(outputs[0]?.rows).toEqual([{ n: 7, s: "x" }]);
  });

  test("that runs is stopped, and says so", async () => {
    const slow = bigqueryTask({
      name: "slow",
      config,
      query:
        "select count(*) c from unnest(generate_array(1, 100000)) a, unnest(generate_array(1, 60000)) b where mod(a * b, 7) = 3",
    });
    const host = await newHost();
    const resourceMeta = await host.create(await requestFor(slow, {}), { deadlineMs: 5_000 });
    expect(await host.get({ category, resourceMeta })).toMatchObject({
      phase: "RUNNING",
      logLinks: [{ name: "BigQuery Console" }],
    });
    // Twice, and by a host that has never seen the job.
    await host.delete({ category, resourceMeta });
    await (await newHost()).delete({ category, resourceMeta });
    const { phase, message } = await endOf(await newHost(), resourceMeta);
    expect([phase, message]).toEqual(["FAILED", expect.stringContaining("(stopped")]);
    await host.close();
  });
});

describe("a query that cannot run fails with what BigQuery says", () => {
  test.each([
    ["syntax", "selec 1", /Syntax error.*\[1:1\].*invalidQuery/],
    ["a missing table", "select * from d.none", /Not found.*none.*notFound/],
    ["a missing dataset", "select * from none.t", /Not found.*none.*notFound/],
    ["a missing column", "select missing from d.inserts", /missing.*invalidQuery/],
    ["a division by zero", "select 1 / 0", /division by zero.*invalidQuery/],
    ["no permission", "select * from `other-project.d.t`", /Access Denied.*accessDenied/],
  ])("%s", async (_, query, message) => {
    expect(await run(await requestFor(bigqueryTask({ name: "wrong", config, query }), {}))).toMatchObject({
      phase: "FAILED",
      message: expect.stringMatching(message),
    });
  });
});
