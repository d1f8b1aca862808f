/** Tasks that the suites run where flytekit and a real Flyte look on: every kind of value, and every way to fail. */
import { Dataset, FlyteError, PreciseDate, t, task, workflow } from "@flyte-ts/core";

const row = {
  int: t.int,
  big: t.bigint,
  float: t.float,
  text: t.string,
  flag: t.boolean,
  moment: t.datetime,
  day: t.date,
  bytes: t.bytes,
};

const full = {
  int: 1,
  big: 9_223_372_036_854_775_807n,
  float: 0.1,
  text: "Straße 日本",
  flag: true,
  moment: new Date("2024-02-29T12:30:00.250Z"),
  day: new Date("2024-02-29T00:00:00Z"),
  bytes: Uint8Array.of(0, 255),
};
const empty = { int: null, big: null, float: null, text: null, flag: null, moment: null, day: null, bytes: null };

/** Datasets with a column of each kind, without NULLs and with them, and an older schema. */
export const makeRows = task({
  name: "interop.make-rows",
  outputs: {
    full: t.dataset({ columns: row }),
    gaps: t.dataset({ columns: row }),
    table: t.flyteSchema({ int: t.int, text: t.string }),
  },
  run: () => ({
    full: Dataset.from([full]),
    gaps: Dataset.from([full, empty]),
    table: Dataset.from([
      { int: 1, text: "one" },
      { int: 2, text: "two" },
    ]),
  }),
});

/** One output of each kind that is no dataset. */
export const makeValues = task({
  name: "interop.make-values",
  outputs: {
    int: t.int,
    float: t.float,
    text: t.string,
    flag: t.boolean,
    moment: t.datetime,
    day: t.date,
    duration: t.duration,
    list: t.list(t.int),
    map: t.map(t.float),
    color: t.enum(["red", "green"]),
    precise: t.datetime,
    either: t.union(t.int, t.string, t.list(t.float)),
    letter: t.literal("a", "b"),
    given: t.optional(t.int),
    missing: t.optional(t.int),
    point: t.object({ x: t.int, y: t.float, label: t.string }, "Point"),
    json: t.json,
    file: t.file("txt"),
  },
  run: async (_, { storage, newOutputUri }) => {
    const uri = newOutputUri("greeting.txt");
    await storage.write(uri, Buffer.from("hello"));
    return {
      int: 42,
      float: 2,
      text: "Straße",
      flag: true,
      moment: new Date("2024-02-29T12:30:00.250Z"),
      day: new Date("2024-02-29T00:00:00Z"),
      duration: 90_500,
      list: [1, 2, 3],
      map: { half: 0.5 },
      color: "green",
      precise: new PreciseDate(1_709_209_800_250_001_002n),
      either: [0.5, 2],
      letter: "b",
      given: 7,
      missing: null,
      point: { x: 1, y: 2, label: "p" },
      json: { nested: [1, "two", null] },
      file: uri,
    };
  },
});

/** Fails as the user's code fails. */
export const failsForTheUser = task({
  name: "interop.fails-for-the-user",
  inputs: { how: t.enum(["throw", "refuse", "recoverable", "code"]) },
  output: t.int,
  retries: 1,
  run: ({ how }) => {
    switch (how) {
      case "throw":
        throw new TypeError("x is not what it should be");
      case "refuse":
        throw new FlyteError("InvalidInput", "the sky is not green");
      case "recoverable":
        throw new FlyteError("Recoverable", "no luck this time");
      case "code":
        throw new FlyteError("TaskFailed", "the quota is used up", { wireCode: "BILLING:QuotaExceeded" });
    }
  },
});

/** Fails for the system's reason on its first attempts, and gives the number of the attempt that did not. */
export const failsForTheSystem = task({
  name: "interop.fails-for-the-system",
  inputs: { times: t.int },
  output: t.int,
  run: ({ times }, { execution, log }) => {
    log.info(`attempt ${execution.attempt}`);
    if (execution.attempt >= times) return execution.attempt;
    throw new FlyteError("Unavailable", `the service was away on attempt ${execution.attempt}`);
  },
});

/** Says that it began, waits until it is told to stop, and says that it was. */
export const waits = task({
  name: "interop.waits",
  inputs: { marks: t.string },
  output: t.string,
  run: async ({ marks }, { signal, storage, log }) => {
    await storage.write(`${marks}/began`, Buffer.from("began"));
    log.info("the task waits");
    const alive = setInterval(() => {}, 1000);
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    clearInterval(alive);
    await storage.write(`${marks}/stopped`, Buffer.from("stopped"));
    log.info("the task was told to stop");
    return "an output of a task that was stopped";
  },
});

/** Each alone in a workflow, so that a cluster can launch it. */
export const userFailure = workflow({
  name: "interop.user-failure",
  inputs: { how: failsForTheUser.inputs.how },
  build: ({ how }) => failsForTheUser({ how }),
});

export const systemFailure = workflow({
  name: "interop.system-failure",
  inputs: { times: t.int },
  build: ({ times }) => failsForTheSystem({ times }),
});

export const waiting = workflow({
  name: "interop.waiting",
  inputs: { marks: t.string },
  build: ({ marks }) => waits({ marks }),
});

export const values = workflow({
  name: "interop.values",
  build: () => {
    const made = makeValues({});
    const { int, float, text, flag, moment, day, duration, list, map, color } = made;
    const { given, missing, point, json, file, precise, either, letter } = made;
    const scalars = { int, float, text, flag, moment, day, duration, color, precise, either, letter };
    return { ...scalars, list, map, given, missing, point, json, file, rows: makeRows({}).gaps };
  },
});
