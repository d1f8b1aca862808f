/** Interfaces with every kind of type, their defaults, and values of each as constants: `python/corpus/values.py`. */
import { t, task, workflow } from "@flyte-ts/core";

const line = t.object({ name: t.string, price: t.float, count: t.int.default(1) }, "Line");
const order = t.object(
  {
    id: t.int,
    lines: t.list(line),
    paid: t.boolean,
    tags: t.map(t.string),
    first: line,
    at: t.datetime,
    for_long: t.duration,
    free: t.json,
    color: t.enum(["red", "green"]),
    day: t.date,
    way: t.literal("up", "down"),
    either: t.union(t.int, t.string),
    note: t.optional(t.string),
    title: t.optional(t.string).default(null),
    grade: t.float.default(0.5),
  },
  "Order",
);
const columns = { id: t.int, name: t.string, price: t.float, ok: t.boolean, at: t.datetime };

const takeSimple = task({
  name: "corpus.values.take_simple",
  inputs: { i: t.int, f: t.float, s: t.string, b: t.boolean, at: t.datetime, day: t.date, took: t.duration },
  output: t.int,
  run: ({ i }) => i,
});
export const simple = workflow({
  name: "corpus.values.simple",
  inputs: {
    i: t.int.default(3),
    f: t.float.default(2),
    s: t.string.default("x"),
    b: t.boolean.default(true),
    at: t.datetime.default(new Date("2024-01-02T03:04:05.678Z")),
    took: t.duration.default(36 * 3_600_000 + 5),
  },
  build: ({ i, f, s, b, at, took }) => {
    takeSimple({ i, f, s, b, at, day: new Date("2024-02-29"), took });
    return takeSimple({
      i: Number.MIN_SAFE_INTEGER,
      f: 1,
      s: "",
      b: false,
      at: new Date("1960-01-01"),
      day: new Date("1969-12-31"),
      took: 0,
    });
  },
});

const takeLists = task({
  name: "corpus.values.take_lists",
  inputs: {
    ns: t.list(t.int),
    deep: t.list(t.list(t.string)),
    by_name: t.map(t.float),
    both: t.map(t.list(t.boolean)),
  },
  output: t.list(t.int),
  run: ({ ns }) => ns,
});
export const lists = workflow({
  name: "corpus.values.lists",
  inputs: { n: t.int, fs: t.map(t.float), deep: t.list(t.list(t.string)).default([["a"], []]) },
  build: ({ n, fs, deep }) => {
    const first = takeLists({ ns: [1, n, 3], deep, by_name: { a: 1, b: 0.5 }, both: { x: [true, false], y: [] } });
    return takeLists({ ns: first, deep: [["a", "b"], []], by_name: fs, both: {} });
  },
});

const number = task({ name: "corpus.values.number", inputs: { n: t.int }, output: t.int, run: ({ n }) => n });
const text = task({ name: "corpus.values.text", inputs: { s: t.string }, output: t.string, run: ({ s }) => s });
const gather = task({
  name: "corpus.values.gather",
  inputs: { ns: t.list(t.int), texts: t.map(t.string), nested: t.map(t.list(t.int)) },
  output: t.int,
  run: () => 0,
});
export const mixed = workflow({
  name: "corpus.values.mixed",
  inputs: { n: t.int, s: t.string },
  build: ({ n, s }) => {
    const one = number({ n });
    const said = text({ s });
    return gather({
      ns: [one, 2, n, number({ n: 4 })],
      texts: { said, own: s, constant: "c" },
      nested: { a: [one, 1], b: [] },
    });
  },
});

const takeOptionals = task({
  name: "corpus.values.take_optionals",
  inputs: {
    a: t.optional(t.int),
    b: t.optional(t.string),
    c: t.optional(t.list(t.int)),
    d: t.optional(t.boolean),
  },
  output: t.optional(t.int),
  run: ({ a }) => a,
});
export const optionals = workflow({
  name: "corpus.values.optionals",
  inputs: { a: t.optional(t.int), b: t.optional(t.string).default("x"), c: t.optional(t.list(t.int)) },
  build: ({ a, b, c }) => {
    takeOptionals({ a, b, c });
    return takeOptionals({ a: 1, b: null, c: [1, 2], d: true });
  },
});
export const optionalFromPlain = workflow({
  name: "corpus.values.optional_from_plain",
  inputs: { n: t.int },
  build: ({ n }) => takeOptionals({ a: number({ n }), b: text({ s: "s" }), c: [n, 1] }),
});

const intOrText = t.union(t.int, t.string);
const others = t.union(t.float, t.list(t.string), t.none);
const takeUnions = task({
  name: "corpus.values.take_unions",
  inputs: { a: intOrText, b: others },
  output: intOrText,
  run: ({ a }) => a,
});
export const unions = workflow({
  name: "corpus.values.unions",
  inputs: { a: intOrText, b: others },
  build: ({ a, b }) => {
    takeUnions({ a: 1, b: ["x"] });
    takeUnions({ a: "one", b: 0.5 });
    return takeUnions({ a, b });
  },
});

const color = t.enum(["red", "green"]);
const way = t.literal("up", "down");
const takeChoices = task({
  name: "corpus.values.take_choices",
  inputs: { color, way, size: t.literal(1, 2) },
  output: color,
  run: ({ color }) => color,
});
export const choices = workflow({
  name: "corpus.values.choices",
  inputs: { color: color.default("green"), way: way.default("up") },
  build: ({ color, way }) => {
    takeChoices({ color: "red", way: "down", size: 2 });
    return takeChoices({ color, way, size: 1 });
  },
});

/** What no test runs has no body. */
const unrun = (): never => {
  throw new Error("compared, not run");
};
const makeOrder = task({ name: "corpus.values.make_order", inputs: { id: t.int }, output: order, run: unrun });
const takeOrder = task({ name: "corpus.values.take_order", inputs: { order }, output: line, run: unrun });
const takeLine = task({
  name: "corpus.values.take_line",
  inputs: { line, name: t.string, price: t.float, more: t.list(line), named: t.map(line) },
  output: t.list(line),
  run: unrun,
});
export const objects = workflow({
  name: "corpus.values.objects",
  inputs: { id: t.int, line },
  build: ({ id }) => takeOrder({ order: makeOrder({ id }) }),
});
export const parts = workflow({
  name: "corpus.values.parts",
  inputs: { id: t.int },
  build: ({ id }) => {
    const made = makeOrder({ id }).o0;
    const first = made.at("first");
    const taken = takeLine({
      line: first,
      name: made.at("lines", 0, "name"),
      price: made.at("grade"),
      more: made.at("lines"),
      named: { first },
    });
    number({ n: made.at("id") });
    return text({ s: taken.o0.at(0, "name") });
  },
});

const makeCollections = task({
  name: "corpus.values.make_collections",
  inputs: { n: t.int },
  outputs: { lists: t.list(t.list(t.int)), by_name: t.map(t.map(t.string)) },
  run: unrun,
});
export const items = workflow({
  name: "corpus.values.items",
  inputs: { n: t.int },
  build: ({ n }) => {
    const made = makeCollections({ n });
    number({ n: made.lists.at(0, 1) });
    return text({ s: made.by_name.at("a", "b") });
  },
});

const takeUntyped = task({
  name: "corpus.values.take_untyped",
  inputs: { value: t.json },
  output: t.json,
  run: ({ value }) => value,
});
export const untyped = workflow({
  name: "corpus.values.untyped",
  inputs: { value: t.json },
  build: ({ value }) => {
    takeUntyped({ value: { a: 1, b: [1.5, "x", null], c: { d: true } } });
    return takeUntyped({ value });
  },
});

const takeFiles = task({
  name: "corpus.values.take_files",
  inputs: { f: t.file(), csv: t.file("csv"), folder: t.directory() },
  output: t.file("txt"),
  run: unrun,
});
export const files = workflow({
  name: "corpus.values.files",
  inputs: { f: t.file(), folder: t.directory(), csv: t.file("csv").default("s3://bucket/a.csv") },
  build: ({ f, folder, csv }) => {
    takeFiles({ f: "s3://bucket/f", csv: "https://example.com/b.csv", folder: "s3://bucket/folder" });
    return takeFiles({ f, csv, folder });
  },
});
const takeOptionalFile = task({
  name: "corpus.values.take_optional_file",
  inputs: { f: t.optional(t.file()), fs: t.list(t.file()) },
  output: t.optional(t.directory()),
  run: unrun,
});
export const optionalFiles = workflow({
  name: "corpus.values.optional_files",
  inputs: { f: t.optional(t.file()) },
  build: ({ f }) => takeOptionalFile({ f, fs: ["s3://bucket/a", "s3://bucket/b"] }),
});

const given = t.object({ report: t.file(), folder: t.directory(), rows: t.dataset() }, "Attached");
const takeAttached = task({ name: "corpus.values.take_attached", inputs: { given }, output: t.file(), run: unrun });
export const attached = workflow({
  name: "corpus.values.attached",
  inputs: { given },
  build: ({ given }) => takeAttached({ given }),
});

const makeRows = task({ name: "corpus.values.make_rows", output: t.dataset({ columns }), run: unrun });
const takeRows = task({
  name: "corpus.values.take_rows",
  inputs: { rows: t.dataset({ columns: { id: t.int, name: t.string } }), any_rows: t.dataset() },
  output: t.dataset(),
  run: unrun,
});
export const datasets = workflow({
  name: "corpus.values.datasets",
  inputs: { given: t.dataset() },
  build: ({ given }) => takeRows({ rows: makeRows(), any_rows: given }),
});
const makeSchema = task({ name: "corpus.values.make_schema", output: t.flyteSchema(columns), run: unrun });
const takeSchema = task({
  name: "corpus.values.take_schema",
  inputs: { rows: t.flyteSchema({ id: t.int, name: t.string }), any_rows: t.flyteSchema() },
  output: t.flyteSchema(),
  run: unrun,
});
export const schemas = workflow({
  name: "corpus.values.schemas",
  inputs: { given: t.flyteSchema() },
  build: ({ given }) => takeSchema({ rows: makeSchema(), any_rows: given }),
});

const sayNothing = task({ name: "corpus.values.say_nothing", inputs: { n: t.int }, run: () => {} });
export const nothing = workflow({
  name: "corpus.values.nothing",
  build: () => {
    sayNothing({ n: 1 });
  },
});

const described = task({
  name: "corpus.values.described",
  description: "Says something.",
  docs: { text: "At length." },
  inputs: { first: t.int.describe("The first of them."), second: t.string.default("x").describe("Another.") },
  outputs: { text: t.string, count: t.int },
  run: unrun,
});
export const documented = workflow({
  name: "corpus.values.documented",
  description: "Tells.",
  inputs: { first: t.int.describe("What it begins with.") },
  build: ({ first }) => described({ first }),
});
