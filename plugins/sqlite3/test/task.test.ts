import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type Dataset, t, task, workflow } from "@flyte-ts/core";
import { TaskTemplate } from "@flyte-ts/core/plugin";
import { describe, expect, expectTypeOf, it } from "vitest";
import { sqlite3Task } from "../src/index.ts";
import manifest from "../src/plugin.ts";
import { makeDatabase, testFolder } from "./fixture.ts";

const folder = testFolder();
const uri = makeDatabase(
  join(folder, "music.db"),
  "create table tracks (TrackId integer, Name text, Milliseconds integer);" +
    "insert into tracks values (1, 'short', 100), (2, 'long', 400000), (3, 'longer', 500000), (4, null, 900000)",
);
const longTracks = sqlite3Task({
  name: "long-tracks",
  config: { uri },
  inputs: { ms: t.int, limit: t.int.default(2) },
  query: "select TrackId, Name from tracks where Milliseconds > {{ .inputs.ms }} order by 1 limit {{ .inputs.limit }}",
  columns: { TrackId: t.int, Name: t.string },
  retries: 2,
  cache: "1",
});

describe("a task", () => {
  it("runs here and now, and gives typed rows", async () => {
    const { results } = await longTracks({ ms: 300_000 });
    expectTypeOf(results).toEqualTypeOf<Dataset<{ readonly TrackId: number | null; readonly Name: string | null }>>();
    expect(await results.toArray()).toEqual([
      { TrackId: 2, Name: "long" },
      { TrackId: 3, Name: "longer" },
    ]);
  });

  it("hands its rows to the next task of a workflow", async () => {
    const names = task({
      name: "names",
      inputs: { rows: longTracks.outputs.results },
      output: t.list(t.string),
      run: async ({ rows }) => (await rows.toArray()).map(({ Name }) => Name ?? "?"),
    });
    const report = workflow({
      name: "report",
      inputs: { ms: t.int },
      build: ({ ms }) => names({ rows: longTracks({ ms, limit: 5 }).results }),
    });
    expect(await report({ ms: 300_000 })).toEqual(["long", "longer", "?"]);
  });

  it("gives every type that a column can have, through Parquet", async () => {
    const every = sqlite3Task({
      name: "every",
      config: { uri },
      query: `select 1 as i, 9223372036854775807 as big, 1 as f, 'é' as s, 1 as flag, '2024-02-29 12:30:05.5' as at,
        '2024-02-29' as day, 1.5 as d, x'00ff' as b union all select null, null, null, null, null, null, null, null, null`,
      columns: {
        i: t.int,
        big: t.bigint,
        f: t.float,
        s: t.string,
        flag: t.boolean,
        at: t.datetime,
        day: t.date,
        d: t.duration,
        b: t.bytes,
      },
    });
    const [row, nulls] = await (await every()).results.toArray();
    expect(row).toEqual({
      i: 1,
      big: 2n ** 63n - 1n,
      f: 1,
      s: "é",
      flag: true,
      at: new Date("2024-02-29T12:30:05.500Z"),
      day: new Date("2024-02-29"),
      d: 1500,
      b: expect.anything(),
    });
    expect([...(row?.b ?? [])]).toEqual([0, 255]);
    expect(Object.values(nulls ?? {})).toEqual(Array(9).fill(null));
  });

  it("has rows of any columns when none are declared", async () => {
    const { results } = await sqlite3Task({ name: "all", config: { uri }, query: "select * from tracks limit 1" })();
    expectTypeOf(results).toEqualTypeOf<Dataset>();
    expect(await results.toArray()).toEqual([{ TrackId: 1, Name: "short", Milliseconds: 100 }]);
  });

  it("may give a legacy schema, or nothing", async () => {
    const schema = sqlite3Task({
      name: "schema",
      config: { uri },
      query: "select TrackId from tracks where Name is null",
      columns: { TrackId: t.bigint },
      output: "schema",
    });
    expect(schema.outputs.results.literalType.type.case).toBe("schema");
    expect(await (await schema()).results.toArray()).toEqual([{ TrackId: 4n }]);
    const nothing = sqlite3Task({ name: "check", config: { uri }, query: "select json('[]')", output: "none" });
    expectTypeOf(nothing.outputs).toEqualTypeOf<Record<never, never>>();
    expect(await nothing()).toEqual({});
  });

  it("is serialised with flytekit's type and keys", () => {
    const template = longTracks.template({ project: "p", domain: "d", version: "v", module: "m" });
    const { type, custom, metadata, container } = TaskTemplate.toJson(template) as Record<string, never>;
    expect({ type, custom, metadata, container }).toMatchObject({
      type: "sqlite",
      custom: { query_template: longTracks.query, uri, compressed: false },
      metadata: { retries: { retries: 2 }, discoverable: true, discoveryVersion: "1" },
      container: { image: expect.stringMatching(/\/sqlite3:\d+\.\d+\.\d+$/) },
    });
  });
});

describe("a wrong definition", () => {
  const config = { uri };
  it.each<[string, () => unknown, string | RegExp]>([
    [
      "no URI",
      () => sqlite3Task({ name: "x", config: { uri: "" }, query: "select 1" }),
      'task x: config.uri is ""; it must be the URI or path of a database',
    ],
    ["no query", () => sqlite3Task({ name: "x", config, query: " " }), "task x: query: there is no statement in it"],
    [
      "an unused input",
      () => sqlite3Task({ name: "x", config, inputs: { a: t.int }, query: "select 1" }),
      /task x: inputs.a: the query does not use it/,
    ],
    [
      "a placeholder without an input",
      () => sqlite3Task({ name: "x", config, query: "select\n{{ .inputs.a }}" }),
      /line 2, column 1: .* the task has no inputs/,
    ],
    [
      "a placeholder for a name",
      () => sqlite3Task({ name: "x", config, inputs: { a: t.string }, query: "select * from {{ .inputs.a }}" }),
      /line 1, column 15/,
    ],
    [
      "a list",
      () => sqlite3Task({ name: "x", config, inputs: { a: t.list(t.int) }, query: "select {{ .inputs.a }}" }),
      /json_each/,
    ],
    [
      "a file",
      () => sqlite3Task({ name: "x", config, inputs: { a: t.file() }, query: "select {{ .inputs.a }}" }),
      /inputs.a has a type/,
    ],
    [
      "columns without an output",
      () => sqlite3Task({ name: "x", config, query: "select 1", output: "none", columns: { a: t.int } }),
      /output is "none"/,
    ],
    [
      "a column that is no column",
      () => sqlite3Task({ name: "x", config, query: "select 1 as a", columns: { a: t.json } }),
      /column "a"/,
    ],
  ])("%s", (_, define, message) => {
    expect(define).toThrow(message);
  });

  it("is one in the editor where types can tell", () => {
    const define = (): void => {
      // @ts-expect-error an input is missing
      longTracks();
      // @ts-expect-error an input has another type
      longTracks({ ms: "1" });
      // @ts-expect-error no such output
      sqlite3Task({ name: "x", config, query: "select 1", output: "csv" });
    };
    expect(define).toBeTypeOf("function");
  });
});

describe("the package", () => {
  it("declares one executor", async () => {
    expect(manifest).toMatchObject({
      specVersion: 1,
      name: "@flyte-ts/sqlite3",
      version: expect.stringMatching(/^\d/),
    });
    expect(Object.keys(manifest.provides.executors ?? {})).toEqual(["sqlite"]);
    expect(await manifest.provides.executors?.sqlite?.()).toHaveProperty("executeFromModel");
  });

  it("loads neither SQLite nor what runs queries when an author imports it", () => {
    const script = `
      import { registerHooks } from "node:module";
      const loaded = [];
      registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
      await import("@flyte-ts/sqlite3");
      console.log(JSON.stringify(loaded.filter((url) => /better-sqlite3|yauzl|tar-stream|plugins\\/sqlite3\\/src\\/(executor|plugin)/.test(url))));`;
    const args = [
      "--conditions=@flyte-ts/source",
      "--no-warnings",
      "--experimental-transform-types",
      "--input-type=module",
      "-e",
      script,
    ];
    expect(JSON.parse(execFileSync(process.execPath, args, { cwd: import.meta.dirname, encoding: "utf8" }))).toEqual(
      [],
    );
  });
});
