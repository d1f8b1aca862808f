import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runTask } from "../src/module-task.ts";
import { callPython } from "../src/python.ts";
import { failsForTheSystem, failsForTheUser, makeRows, makeValues } from "../src/sample-tasks.ts";
import { readResult } from "../src/task-files.ts";

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "flyte-ts-reads-"));
});
afterAll(() => rm(work, { recursive: true, force: true }));

const moment = "Timestamp('2024-02-29 12:30:00.250000+0000', tz='UTC')";

describe("flytekit reads our outputs.pb", () => {
  test("a structured dataset opens with pandas, values and dtypes right", async () => {
    const { outputs } = await succeeds(makeRows);
    expect(await callPython("open_dataset", { outputs, name: "full" })).toEqual({
      int: { dtype: "int64", cells: ["1"] },
      big: { dtype: "int64", cells: ["9223372036854775807"] },
      float: { dtype: "float64", cells: ["0.1"] },
      text: { dtype: "str", cells: ["'Straße 日本'"] },
      flag: { dtype: "bool", cells: ["True"] },
      moment: { dtype: "datetime64[us, UTC]", cells: [moment] },
      day: { dtype: "object", cells: ["datetime.date(2024, 2, 29)"] },
      bytes: { dtype: "object", cells: ["b'\\x00\\xff'"] },
    });
  });

  test("NULLs come as pandas writes them", async () => {
    const { outputs } = await succeeds(makeRows);
    expect(await callPython("open_dataset", { outputs, name: "gaps" })).toEqual({
      int: { dtype: "float64", cells: ["1.0", "nan"] },
      big: { dtype: "float64", cells: ["9.223372036854776e+18", "nan"] },
      float: { dtype: "float64", cells: ["0.1", "nan"] },
      text: { dtype: "str", cells: ["'Straße 日本'", "nan"] },
      flag: { dtype: "object", cells: ["True", "None"] },
      moment: { dtype: "datetime64[us, UTC]", cells: [moment, "NaT"] },
      day: { dtype: "object", cells: ["datetime.date(2024, 2, 29)", "None"] },
      bytes: { dtype: "object", cells: ["b'\\x00\\xff'", "None"] },
    });
  });

  test("a schema opens as FlyteSchema", async () => {
    const { outputs } = await succeeds(makeRows);
    expect(await callPython("open_dataset", { outputs, name: "table" })).toEqual({
      int: { dtype: "int64", cells: ["1", "2"] },
      text: { dtype: "str", cells: ["'one'", "'two'"] },
    });
  });

  test("values of every kind come as the Python values that they are", async () => {
    const { outputs } = await succeeds(makeValues);
    const types = {
      int: "int",
      float: "float",
      text: "str",
      flag: "bool",
      moment: "datetime.datetime",
      day: "datetime.date",
      duration: "datetime.timedelta",
      list: "typing.List[int]",
      map: "typing.Dict[str, float]",
      color: "Color",
      precise: "datetime.datetime",
      either: "typing.Union[int, str, typing.List[float]]",
      letter: "typing.Literal['a', 'b']",
      given: "typing.Optional[int]",
      missing: "typing.Optional[int]",
      point: "Point",
      json: "dict",
      file: "FlyteFile",
    };
    expect(await callPython("read_values", { outputs, types })).toEqual({
      int: "42",
      float: "2.0",
      text: "'Straße'",
      flag: "True",
      moment: "datetime.datetime(2024, 2, 29, 12, 30, 0, 250000, tzinfo=datetime.timezone.utc)",
      day: "datetime.date(2024, 2, 29)",
      duration: "datetime.timedelta(seconds=90, microseconds=500000)",
      list: "[1, 2, 3]",
      map: "{'half': 0.5}",
      color: "<Color.GREEN: 'green'>",
      // Python's datetime has microseconds
      precise: "datetime.datetime(2024, 2, 29, 12, 30, 0, 250001, tzinfo=datetime.timezone.utc)",
      either: "[0.5, 2.0]",
      letter: "'b'",
      given: "7",
      missing: "None",
      point: "Point(x=1, y=2.0, label='p')",
      json: "{'nested': [1, 'two', None]}",
      file: "hello",
    });
  });
});

describe("flytekit reads our error.pb", () => {
  const user = (how: string) => ({ how: { scalar: { primitive: { stringValue: how } } } });

  test.each([
    ["throw", "USER:RuntimeError", "NON_RECOVERABLE", "x is not what it should be"],
    ["refuse", "USER:ValueError", "NON_RECOVERABLE", "the sky is not green"],
    ["recoverable", "USER:Recoverable", "RECOVERABLE", "no luck this time"],
    ["code", "BILLING:QuotaExceeded", "NON_RECOVERABLE", "the quota is used up"],
  ])("the user's: %s", async (how, code, kind, message) => {
    const error = await fails(failsForTheUser, user(how));
    expect(error).toMatchObject({ code, kind, origin: "USER", roundTrip: true });
    expect(error.message).toContain(message);
  });

  test("the system's, which Flyte tries again", async () => {
    const error = await fails(failsForTheSystem, { times: { scalar: { primitive: { integer: "3" } } } });
    expect(error).toMatchObject({ code: "SYSTEM:Unavailable", kind: "RECOVERABLE", origin: "SYSTEM", roundTrip: true });
    expect(error.message).toContain("the service was away on attempt 0");
    expect(Math.abs(Date.now() / 1000 - error.seconds)).toBeLessThan(600);
  });

  test("a wrong input's, which no other attempt would mend", async () => {
    const error = await fails(failsForTheUser, { how: { scalar: { primitive: { integer: "1" } } } });
    expect(error).toMatchObject({ code: "SYSTEM", kind: "NON_RECOVERABLE", origin: "SYSTEM", roundTrip: true });
    expect(error.message).toContain("how");
  });
});

interface ReadError {
  readonly code: string;
  readonly message: string;
  readonly kind: string;
  readonly origin: string;
  readonly seconds: number;
  readonly roundTrip: boolean;
}

async function succeeds(task: Parameters<typeof runTask>[0]) {
  const { status, stderr, outputPrefix } = await runTask(task, work);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect((await readResult(outputPrefix)).error).toBeUndefined();
  return { outputs: join(outputPrefix, "outputs.pb") };
}

/** A written error ends with exit code 0, for Flyte reads it only then; and no outputs stand beside it. */
async function fails(...[task, inputs]: [Parameters<typeof runTask>[0], Readonly<Record<string, object>>]) {
  const { status, outputPrefix } = await runTask(task, work, inputs);
  expect(status).toBe(0);
  await expect(access(join(outputPrefix, "outputs.pb"))).rejects.toThrow("ENOENT");
  return callPython<ReadError>("read_error", { error: join(outputPrefix, "error.pb") });
}
