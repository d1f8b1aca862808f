import { mkdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { failureOf } from "@flyte-ts/core/testing";
import { describe, expect, it } from "vitest";
import { zipOf } from "./archives.ts";
import { makeDatabase, makeFile, runTemplate, type TemplateParts, testFolder } from "./fixture.ts";

const folder = testFolder();
const at = (name: string): string => join(folder, name);
const uri = makeDatabase(
  at("music.db"),
  `create table tracks (id integer, name text, ms integer); insert into tracks values (1, 'a', 5), (2, 'b', 6);
   create table albums (id integer, name text); create table loose (v integer); insert into loose values (1), ('x');`,
);

mkdirSync(at("a-folder"));
makeFile(at("empty.db"), "");
makeFile(at("text.db"), "id,name\n1,a\n");
makeFile(at("packed.db"), zipOf([{ name: "a.db", content: "x" }]));
makeFile(at("text.zip"), zipOf([{ name: "a.csv", content: "id,name" }]));
makeFile(at("bomb.zip"), zipOf([{ name: "a.db", content: "SQLite", claimedSize: 10_000_000_000 }]));
makeDatabase(
  at("cut.db"),
  "create table t (a); with recursive c(n) as (select 1 union all select n + 1 from c where n < 9999) insert into t select n from c",
);
truncateSync(at("cut.db"), 8192);

const integer = { simple: "INTEGER" };
const string = { simple: "STRING" };
const columns = (types: Record<string, string>) => ({
  structuredDatasetType: {
    columns: Object.entries(types).map(([name, simple]) => ({ name, literalType: { simple } })),
  },
});

/** What is wrong; the template's parts; the inputs; what the message must say. */
const cases: readonly (readonly [string, Partial<TemplateParts>, Record<string, unknown>, string | RegExp])[] = [
  ["a missing file", { uri: at("none.db") }, {}, `config.uri: there is no file ${at("none.db")}`],
  [
    "a folder",
    { uri: at("a-folder") },
    {},
    `config.uri: ${at("a-folder")} is a folder, where a database file is needed`,
  ],
  ["a folder's file URI", { uri: pathToFileURL(at("a-folder")).href }, {}, /is a folder/],
  ["a path below a file", { uri: join(uri, "x") }, {}, /there is no file/],
  ["a scheme that nobody serves", { uri: "gopher://host/a.db" }, {}, /gopher/],
  [
    "an empty URI",
    { uri: " " },
    {},
    'custom.uri of the task\'s template is " "; it must be the URI or path of the database',
  ],
  ["no URI", { uri: null }, {}, /custom.uri of the task's template is null/],
  ["no query", { query: null }, {}, /custom.query_template of the task's template is null; it must be the text/],
  [
    "compressed as text",
    { compressed: "yes" },
    {},
    /custom.compressed of the task's template is "yes"; it must be true or false/,
  ],
  ["an empty file", { uri: at("empty.db") }, {}, `config.uri: ${at("empty.db")} is no SQLite database: it is empty`],
  [
    "a file that is no database",
    { uri: at("text.db") },
    {},
    /is no SQLite database: it does not begin with "SQLite format 3"/,
  ],
  ["an archive without compressed", { uri: at("packed.db") }, {}, /it is a zip file; set compressed to true/],
  [
    "compressed without an archive",
    { compressed: true },
    {},
    /is an SQLite database already, no archive; set compressed to false/,
  ],
  [
    "an archive with another file",
    { uri: at("text.zip"), compressed: true },
    {},
    /the file in the archive .*text.zip is no SQLite database/,
  ],
  [
    "10 GB in 1 kB",
    { uri: at("bomb.zip"), compressed: true },
    {},
    /"a.db" unpacks to 10000000000 bytes or more from an archive of \d+, beyond 250 : 1/,
  ],
  [
    "a damaged database",
    { uri: at("cut.db"), query: "select count(*) as n from t where a > 'x'" },
    {},
    /the database .*cut.db is damaged \(SQLite: database disk image is malformed\)/,
  ],
  [
    "a missing table",
    { query: "select *\n from track" },
    {},
    "query, line 2, column 7: SQLite: no such table: track; the database has albums, loose, tracks",
  ],
  [
    "a missing column",
    { query: "select id, nam from tracks" },
    {},
    "query, line 1, column 12: SQLite: no such column: nam",
  ],
  [
    "an ambiguous column",
    { query: "select name from tracks join albums using (id)" },
    {},
    "query, line 1, column 8: SQLite: ambiguous column name: name",
  ],
  [
    "a missing function",
    { query: "select median2(ms) from tracks" },
    {},
    "query, line 1, column 8: SQLite: no such function: median2",
  ],
  ["a misspelled keyword", { query: "selec 1" }, {}, 'query, line 1, column 1: SQLite: near "selec": syntax error'],
  [
    "a misplaced keyword",
    { query: "select id from tracks\nwhere id in (select id from) and 1" },
    {},
    'query, line 2, column 28: SQLite: near ")": syntax error',
  ],
  ["half a query", { query: "select id from tracks where" }, {}, "query, line 1, column 28: SQLite: incomplete input"],
  [
    "two statements",
    { query: "select 1; drop table tracks" },
    {},
    "query, line 1, column 11: a second statement begins; a task runs exactly one",
  ],
  ["a statement that writes", { query: "delete from tracks" }, {}, /it changes the database, which a task only reads/],
  [
    "a statement that makes a table",
    { query: "create table x as select 1" },
    {},
    /it changes the database, which a task only reads/,
  ],
  ["an error while it runs", { query: "select json(name) as j from tracks" }, {}, "query: SQLite: malformed JSON"],
  [
    "two columns of one name",
    { query: "select t.id, a.id from tracks t, albums a" },
    {},
    'query: 2 columns of its result are called "id"; rename with AS',
  ],
  [
    "a declared column that is missing",
    { results: columns({ NAME: "STRING" }), query: "select name from tracks" },
    {},
    'columns.NAME: the query yields no such column, but name; write "name"',
  ],
  [
    "text in a column of integers",
    { query: "select v from loose" },
    {},
    /row 2, column "v": the TEXT "x" does not fit: the rows before hold integer values/,
  ],
  [
    "text in a declared integer",
    { results: columns({ name: "INTEGER" }), query: "select name from tracks" },
    {},
    /row 1, column "name": the TEXT "a" does not fit: the column is declared integer, which takes an INTEGER/,
  ],
  [
    "2 as a boolean",
    { results: columns({ id: "BOOLEAN" }), query: "select id from tracks" },
    {},
    /row 2, column "id": the INTEGER 2 .* takes 0 or 1/,
  ],
  [
    "a fraction in a declared integer",
    { results: columns({ a: "INTEGER" }), query: "select 1.5 as a" },
    {},
    /the REAL 1.5 .* declared integer/,
  ],
  [
    "milliseconds as a datetime",
    { results: columns({ a: "DATETIME" }), query: "select 1709209805000 as a" },
    {},
    /the INTEGER 1709209805000 .* number of seconds since 1970/,
  ],
  [
    "30 February",
    { results: columns({ a: "DATETIME" }), query: "select '2024-02-30' as a" },
    {},
    /"2024-02-30" does not fit/,
  ],
  [
    "a placeholder for a table",
    { query: "select * from {{ .inputs.x }}", inputs: { x: string } },
    { x: "tracks" },
    /line 1, column 15: \{\{ .inputs.x \}\} stands behind "from", where an identifier or a keyword stands/,
  ],
  [
    "a placeholder that only SQLite refuses",
    { query: "select id from tracks limit all {{ .inputs.x }}", inputs: { x: integer } },
    { x: 1n },
    /query, line 1, column \d+: SQLite: near "all": syntax error/,
  ],
  [
    "a placeholder in a column definition",
    { query: "select cast(id as text) from tracks window w as (partition {{ .inputs.x }})", inputs: { x: integer } },
    { x: 1n },
    /column 60/,
  ],
  [
    "a placeholder without an input",
    { query: "select {{ .inputs.x }}, {{ .inputs.y }} as y", inputs: { x: integer } },
    { x: 1n },
    "query, line 1, column 25: {{ .inputs.y }} names no input; its inputs are x",
  ],
  [
    "an input without a placeholder",
    { query: "select 1", inputs: { x: integer } },
    { x: 1n },
    "inputs.x: the query does not use it; write {{ .inputs.x }} or remove it",
  ],
  [
    "an input without a value",
    { query: "select {{ .inputs.x }}", inputs: { x: integer } },
    {},
    "inputs.x: the query needs it, and it was not given",
  ],
  [
    "a list",
    { query: "select {{ .inputs.x }}", inputs: { x: { collectionType: integer } } },
    { x: [1n] },
    /inputs.x is a list.*json_each\(\{\{ .inputs.x \}\}\)/,
  ],
  [
    "a map",
    { query: "select {{ .inputs.x }}", inputs: { x: { mapValueType: integer } } },
    { x: {} },
    /inputs.x is a map.*t.json/,
  ],
  [
    "a file",
    { query: "select {{ .inputs.x }}", inputs: { x: { blob: {} } } },
    { x: "" },
    /inputs.x has a type that SQLite has no value for: blob/,
  ],
  [
    "another output",
    { outputs: { o0: integer } },
    {},
    'outputs.o0: a task of the type sqlite has the one output "results"',
  ],
  ["an output that is no table", { results: integer }, {}, "outputs.results must be a structured dataset or a schema"],
];

describe("wrong inputs", () => {
  it.each(cases)("%s", async (_, parts, inputs, message) => {
    const error = await failureOf(runTemplate(folder, { query: "select * from tracks", uri, ...parts }, inputs));
    if (typeof message === "string") expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
    expect([error.kind, error.recoverable]).toEqual(["user", false]);
  });
});
