import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dataset } from "@flyte-ts/core";
import { localTaskContext } from "@flyte-ts/core/testing";
import { expect, test } from "vitest";
import { callPython } from "../src/python.ts";

test("flytekit's handler reads our CSV with pandas, and we read what it writes", async () => {
  const work = await mkdtemp(join(tmpdir(), "flyte-ts-csv-"));
  try {
    const context = await localTaskContext({ task: "csv", directory: work });
    const columns = [
      { name: "id", type: "integer" as const },
      { name: "count", type: "integer" as const },
      { name: "size", type: "float" as const },
      { name: "text, of it", type: "string" as const },
      { name: "flag", type: "boolean" as const },
      { name: "at", type: "datetime" as const },
    ];
    const rows = [
      { id: 1, count: 1, size: 2, "text, of it": 'a "b"\nc', flag: true, at: new Date("2024-02-29T12:30:00.25Z") },
      { id: 2, count: null, size: 0.1, "text, of it": "Straße", flag: false, at: null },
    ];
    const uri = join(work, "ours");
    await Dataset.from(rows, { columns }).store(context, uri, "csv");
    const to = join(work, "theirs");
    expect(await callPython("compare_csv", { uri, to })).toEqual({
      dtypes: expect.objectContaining({ id: "int64", count: "float64", size: "float64", flag: "bool" }),
      cells: {
        id: ["1", "2"],
        count: ["1.0", null],
        size: ["2.0", "0.1"],
        "text, of it": ['a "b"\nc', "Straße"],
        flag: ["True", "False"],
        at: ["2024-02-29 12:30:00.250000+00:00", null],
      },
    });
    expect(await Dataset.open(to, { format: "csv", columns }, context).toArray()).toEqual(rows);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
});
