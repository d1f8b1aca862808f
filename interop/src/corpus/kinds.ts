/** Types of every kind: as inputs and outputs of workflows, as constants, and as what one node gives another. */
import { t, task, workflow } from "@flyte-ts/core";

/** A task that gives back what it gets. */
const echo = <const T extends Parameters<typeof t.list>[0]>(name: string, type: T) =>
  task({ name: `corpus.kinds.${name}`, inputs: { x: type }, output: type, run: ({ x }) => x as never });

const int = echo("int", t.int);
const big = echo("big", t.bigint);
const float = echo("float", t.float);
export const numbers = workflow({
  name: "corpus.kinds.numbers",
  inputs: { i: t.int, b: t.bigint, f: t.float },
  build: ({ i, b, f }) => {
    for (const x of [0, -1, Number.MAX_SAFE_INTEGER]) int({ x });
    for (const x of [2n ** 63n - 1n, -(2n ** 63n)]) big({ x });
    for (const x of [0, -0.5, 1e300, Number.MIN_VALUE]) float({ x });
    return {
      i: int({ x: i }),
      b: big({ x: b }),
      f: float({ x: f }),
      same: int({ x: big({ x: i as never }) as never }),
    };
  },
});

const string = echo("string", t.string);
const boolean = echo("boolean", t.boolean);
const bytes = echo("bytes", t.bytes);
const none = echo("none", t.none);
export const plain = workflow({
  name: "corpus.kinds.plain",
  inputs: { s: t.string, b: t.boolean, raw: t.bytes, n: t.none },
  build: ({ s, b, raw, n }) => {
    string({ x: 'Straße "日本" \u0001\n{{ .inputs.x }}' });
    boolean({ x: false });
    bytes({ x: Uint8Array.of(0, 255) });
    none({ x: null });
    return { s: string({ x: s }), b: boolean({ x: b }), raw: bytes({ x: raw }), n: none({ x: n }) };
  },
});

const datetime = echo("datetime", t.datetime);
const date = echo("date", t.date);
const duration = echo("duration", t.duration);
const nanoseconds = echo("nanoseconds", t.nanoseconds);
export const times = workflow({
  name: "corpus.kinds.times",
  inputs: { at: t.datetime, day: t.date, took: t.duration, exact: t.nanoseconds },
  build: ({ at, day, took, exact }) => {
    datetime({ x: new Date("1900-01-01T00:00:00.001Z") });
    date({ x: new Date("2024-02-29") });
    duration({ x: -1.5 });
    nanoseconds({ x: 86_400_000_000_001n });
    return {
      when: datetime({ x: at }),
      day: date({ x: day }),
      took: duration({ x: took }),
      exact: nanoseconds({ x: exact }),
    };
  },
});

const color = echo("color", t.enum(["red", "blue"]));
const letter = echo("letter", t.literal("a", "b"));
const step = echo("step", t.literal(1, 2, 3));
export const choices = workflow({
  name: "corpus.kinds.choices",
  inputs: { color: t.enum(["red", "blue"]), letter: t.literal("a", "b"), step: t.literal(1, 2, 3), word: t.string },
  build: (given) => {
    color({ x: "red" });
    // Flyte lets a string be an enum, and an enum a string
    color({ x: given.word as never });
    string({ x: given.color });
    return { color: color({ x: given.color }), letter: letter({ x: given.letter }), step: step({ x: given.step }) };
  },
});

const optional = echo("optional", t.optional(t.int));
const either = echo("either", t.union(t.int, t.string, t.list(t.float), t.none));
const optionalList = echo("optional-list", t.optional(t.list(t.optional(t.string))));
export const unions = workflow({
  name: "corpus.kinds.unions",
  inputs: { maybe: t.optional(t.int), either: t.union(t.int, t.string, t.list(t.float), t.none), n: t.int },
  build: ({ maybe, either: given, n }) => {
    either({ x: 1 });
    either({ x: "a" });
    either({ x: [0.5] });
    either({ x: null });
    either({ x: n });
    optionalList({ x: [null, "a"] });
    optionalList({ x: null });
    return { maybe: optional({ x: maybe }), either: either({ x: given }), n: optional({ x: n }) };
  },
});

const lists = echo("lists", t.list(t.list(t.int)));
const maps = echo("maps", t.map(t.list(t.datetime)));
const tags = echo("tags", t.map(t.enum(["x", "y"])));
export const collections = workflow({
  name: "corpus.kinds.collections",
  inputs: { rows: t.list(t.list(t.int)), days: t.map(t.list(t.datetime)) },
  build: ({ rows, days }) => {
    lists({ x: [[], [1]] });
    maps({ x: { "": [], "a b": [new Date(0)] } });
    tags({ x: { a: "x" } });
    return { rows: lists({ x: rows }), days: maps({ x: days }), row: rows.at(0), day: days.at("a") };
  },
});

const line = t.object({ name: t.string, price: t.float, when: t.optional(t.datetime) }, "Line");
const order = t.object({ id: t.int, lines: t.list(line), by: t.map(line), free: t.json, file: t.file("txt") }, "Order");
const orders = echo("order", order);
const lines = echo("line", line);
const json = echo("json", t.json);
export const objects = workflow({
  name: "corpus.kinds.objects",
  inputs: { order, free: t.json },
  build: ({ order, free }) => {
    orders({ x: { id: 1, lines: [], by: {}, free: [1, null], file: "s3://flyte/x.txt" } });
    json({ x: { a: [1, "b", { c: null }] } });
    return {
      order: orders({ x: order }),
      line: lines({ x: order.at("lines", 0) }),
      name: string({ x: order.at("by", "a", "name") }),
      free: json({ x: free.at("a") }),
      whole: json({ x: order as never }),
    };
  },
});

const anyFile = echo("any-file", t.file());
const csv = echo("csv", t.file("csv"));
const folder = echo("folder", t.directory());
const images = echo("images", t.directory("png"));
export const files = workflow({
  name: "corpus.kinds.files",
  inputs: { any: t.file(), csv: t.file("csv"), folder: t.directory(), images: t.directory("png") },
  build: (given) => {
    csv({ x: "s3://flyte/a.csv" });
    csv({ x: given.any });
    anyFile({ x: given.csv });
    folder({ x: given.images });
    return {
      any: anyFile({ x: given.any }),
      csv: csv({ x: given.csv }),
      folder: folder({ x: given.folder }),
      images: images({ x: given.images }),
    };
  },
});

const columns = { id: t.int, name: t.string, at: t.datetime };
const some = echo("some-columns", t.dataset({ columns: { id: t.int } }));
const all = echo("all-columns", t.dataset({ columns }));
const any = echo("any-columns", t.dataset());
const asCsv = echo("csv-dataset", t.dataset({ format: "csv" }));
const table = echo("table", t.flyteSchema({ id: t.int }));
export const datasets = workflow({
  name: "corpus.kinds.datasets",
  inputs: { all: t.dataset({ columns }), any: t.dataset(), csv: t.dataset({ format: "csv" }), old: t.flyteSchema() },
  build: (given) => {
    some({ x: given.all as never });
    all({ x: given.any as never });
    any({ x: given.csv });
    return {
      all: all({ x: given.all }),
      any: any({ x: given.all as never }),
      csv: asCsv({ x: given.csv }),
      old: table({ x: given.old as never }),
    };
  },
});

/** What a Standard Schema library gives, put together by hand. */
const schema = t.schema({
  "~standard": {
    version: 1,
    vendor: "corpus",
    validate: (value: unknown) => ({ value: value as { readonly size: number } }),
    jsonSchema: {
      input: () => ({ type: "object", properties: { size: { type: "number" } }, required: ["size"] }),
      output: () => ({ type: "object", properties: { size: { type: "number" } }, required: ["size"] }),
    },
  },
} as never);
const validated = echo("validated", schema);
export const schemas = workflow({
  name: "corpus.kinds.schemas",
  inputs: { given: schema },
  build: ({ given }) => {
    validated({ x: { size: 1 } as never });
    return validated({ x: given as never });
  },
});
