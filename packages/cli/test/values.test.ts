import { t } from "@flyte-ts/core";
import { Dataset, localTaskContext } from "@flyte-ts/core/plugin";
import fc from "fast-check";
import { expect, test } from "vitest";
import { durationText, parseDuration } from "../src/inputs/durations.ts";
import { parseJson } from "../src/inputs/json.ts";
import { parseDate, parseDatetime } from "../src/inputs/times.ts";
import { datasetLines } from "../src/output/dataset-preview.ts";
import { tableLines } from "../src/output/text-table.ts";
import { WorkFolder } from "./command.ts";

test("a duration that is shown is read as itself", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), (ms) => {
      expect(parseDuration(durationText(ms))).toBeCloseTo(ms, 3);
    }),
  );
});

test.each([
  ["90s", 90_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  ["2 d 3 min", 172_980_000],
  ["250ms", 250],
  ["-5m", -300_000],
  ["PT1H30M", 5_400_000],
  ["P1DT0.5S", 86_400_500],
  ["P2W", 1_209_600_000],
  ["90", undefined],
  ["", undefined],
  ["P", undefined],
  ["PT", undefined],
  ["1h 30", undefined],
  ["soon", undefined],
])("the duration %j is %s ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test("every time is read from its ISO form, in any zone", () => {
  const times = fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-30"), noInvalidDate: true });
  fc.assert(
    fc.property(times, fc.integer({ min: -14 * 60, max: 14 * 60 }), (time, offset) => {
      expect(parseDatetime(time.toISOString())).toEqual(time);
      const there = new Date(time.getTime() + offset * 60_000).toISOString().replace("Z", "");
      const hours = String(Math.floor(Math.abs(offset) / 60)).padStart(2, "0");
      const zone = `${offset < 0 ? "-" : "+"}${hours}:${String(Math.abs(offset) % 60).padStart(2, "0")}`;
      if (!/^\d{4}-/.test(there)) return;
      expect(parseDatetime(there + zone)).toEqual(time);
    }),
  );
});

test.each([
  ["2024-01-31", "2024-01-31T00:00:00.000Z"],
  ["2024-01-31T12:30", "2024-01-31T12:30:00.000Z"],
  ["2024-01-31 12:30:05.123456+02:00", "2024-01-31T10:30:05.123456Z"],
  ["2024-02-30", undefined],
  ["2024-01-31T25:00", undefined],
  ["31.1.2024", undefined],
  ["yesterday", undefined],
])("the time %j is %s", (text, iso) => {
  expect(parseDatetime(text)?.toISOString()).toBe(iso);
});

test("a day has no time", () => {
  expect(parseDate("2024-01-31")?.toISOString()).toBe("2024-01-31T00:00:00.000Z");
  expect(parseDate("2024-01-31T12:00")).toBeUndefined();
});

test("JSON keeps every digit of an integer", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (integer) => {
      expect(BigInt(parseJson(`${integer}`, "x") as number | bigint)).toBe(integer);
    }),
  );
});

test("a table cuts long cells, hides control characters, and counts the columns that do not fit", () => {
  const columns = [
    { name: "id", alignRight: true },
    { name: "text", alignRight: false },
    { name: "more", alignRight: false },
  ];
  const rows = [
    ["1", `a\x1b[31m\n${"b".repeat(60)}`, "x"],
    ["20", "c", "y"],
  ];
  const lines = tableLines({ columns, rows, width: 50 });
  expect(lines[1]).toBe(`│ id │ text${" ".repeat(36)} │`);
  expect(lines[3]).toBe(`│  1 │ a ${"b".repeat(37)}… │`);
  expect(lines.at(-1)).toBe("(1 more column: more)");
});

test("a table's frame stands straight around wide characters, which are never cut in two", () => {
  const columns = [{ name: "名前", alignRight: false }];
  const rows = [["Zoë 🦊"], ["e\u0301"], ["日".repeat(30)]];
  expect(tableLines({ columns, rows, width: 80 }).slice(1, -1)).toEqual([
    `│ 名前${" ".repeat(35)} │`,
    `├${"─".repeat(41)}┤`,
    `│ Zoë 🦊${" ".repeat(33)} │`,
    `│ e\u0301${" ".repeat(38)} │`,
    `│ ${"日".repeat(19)}… │`,
  ]);
});

test("times in a table look alike: all with milliseconds where one has some, days only in a column of days", async () => {
  const midnight = new Date("2024-01-31T00:00:00Z");
  const half = new Date("2024-01-31T12:00:00.500Z");
  const columns = { at: t.datetime, exact: t.datetime, day: t.date };
  const rows = Dataset.from([
    { at: midnight, exact: midnight, day: midnight },
    { at: null, exact: half, day: midnight },
  ]);
  const type = t.dataset({ columns });
  using folder = new WorkFolder();
  const context = await localTaskContext({ task: "times", directory: folder.path });
  const stored = await type.toNative(await type.toLiteral(rows, context), context);
  expect((await datasetLines(stored, 100)).slice(4, 6)).toEqual([
    "│ 2024-01-31T00:00:00Z │ 2024-01-31T00:00:00.000Z │ 2024-01-31 │",
    "│ NULL                 │ 2024-01-31T12:00:00.500Z │ 2024-01-31 │",
  ]);
});
