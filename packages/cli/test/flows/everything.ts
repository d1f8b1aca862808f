/** A task with an input of every type, which gives back what it was given. */
import { t, task } from "@flyte-ts/core";

const size = t.object({ width: t.int, unit: t.enum(["mm", "inch"]).default("mm") }, "Size");

export const echo = task({
  name: "echo-everything",
  inputs: {
    int: t.int.default(1),
    bigint: t.bigint.default(2n ** 53n + 1n),
    float: t.float.default(0.5),
    string: t.string.default("text"),
    boolean: t.boolean.default(false),
    datetime: t.datetime.default(new Date("2024-01-31T12:30:00Z")),
    date: t.date.default(new Date("2024-01-31")),
    duration: t.duration.default(1500),
    bytes: t.bytes.default(new Uint8Array([1, 2])),
    color: t.enum(["red", "green", "blue"]).default("red"),
    sizes: t.list(t.int).default([1, 2]),
    prices: t.map(t.float).default({ a: 1.5 }),
    box: t.object({ size, label: t.optional(t.string) }, "Box").default({ size: { width: 3 } }),
    json: t.json.default({ free: [1, "a", null] }),
    maybe: t.optional(t.int),
  },
  outputs: {
    int: t.int,
    bigint: t.bigint,
    float: t.float,
    string: t.string,
    boolean: t.boolean,
    datetime: t.datetime,
    date: t.date,
    duration: t.duration,
    bytes: t.bytes,
    color: t.enum(["red", "green", "blue"]),
    sizes: t.list(t.int),
    prices: t.map(t.float),
    box: t.object({ size, label: t.optional(t.string) }, "Box"),
    json: t.json,
    maybe: t.optional(t.int),
  },
  run: (inputs) => inputs,
});

export const needs = task({
  name: "needs",
  description: "has inputs that must be given",
  inputs: {
    limit: t.int.describe("how many"),
    since: t.datetime,
    color: t.enum(["red", "green", "blue"]),
    within: t.duration.default(90_000),
    strict: t.boolean.default(true),
    sizes: t.list(t.int).default([]),
    box: t.object({ size, label: t.optional(t.string) }, "Box").default({ size: { width: 3 } }),
  },
  output: t.string,
  run: ({ limit, strict }) => `${limit} ${strict}`,
});

export const lines = task({
  name: "lines",
  inputs: { file: t.file("txt") },
  output: t.int,
  run: async ({ file }) => (await file.text()).trimEnd().split("\n").length,
});

export const names = task({
  name: "names",
  inputs: { folder: t.directory() },
  output: t.list(t.string),
  run: async ({ folder }) => {
    const found: string[] = [];
    for await (const { uri } of folder.files()) found.push(uri.split("/").at(-1) ?? "");
    return found;
  },
});

export const count = task({
  name: "count",
  inputs: { rows: t.dataset() },
  output: t.int,
  run: async ({ rows }) => (await rows.toArray()).length,
});
