/** Runs the benches and prints their table: `npm run bench [-- CASE…] [--runs N]`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { pythonVariable } from "@flyte-ts/interop/python";
import { preparePython } from "@flyte-ts/interop/python-environment";
import { coldStart, coldStartUncached } from "./cases/cold-start.ts";
import { importTime } from "./cases/import.ts";
import { convertList, growth } from "./cases/inside.ts";
import { packageNodes, packageTasks } from "./cases/package.ts";
import { manyRows } from "./cases/rows.ts";
import { runTrivial } from "./cases/run.ts";
import { storageCases } from "./cases/storage.ts";
import type { BenchCase, Figure } from "./src/bench-case.ts";
import { type Measured, measure, median } from "./src/measure.ts";

const cases: readonly BenchCase[] = [
  coldStart,
  coldStartUncached,
  importTime,
  runTrivial,
  packageNodes,
  packageTasks,
  growth,
  convertList,
  manyRows,
  ...storageCases,
];

/** How exactly a figure is shown, by its unit. */
const digits = { s: 3, ms: 3, MB: 0 } as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: "string", default: "5" } },
});
const runs = Number(values.runs);
const unknown = positionals.find((name) => !cases.some((known) => known.name === name));
if (unknown !== undefined || !(Number.isInteger(runs) && runs > 0)) {
  const names = cases.map(({ name }) => name).join(", ");
  console.error(
    unknown === undefined ? `--runs ${values.runs}: give 1 or more` : `no case "${unknown}": there are ${names}`,
  );
  process.exit(1);
}

const python = await preparePython();
process.env[pythonVariable] = python;
const wanted = cases.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const table: Record<string, string>[] = [];
for (const bench of wanted) table.push(...(await run(bench)));
print(table);

/** Both in turns, after one turn each that does not count. */
async function run(bench: BenchCase): Promise<Record<string, string>[]> {
  const folder = await mkdtemp(join(tmpdir(), "flyte-ts-bench-"));
  try {
    const { ours, peer, others = {} } = await bench.prepare(folder);
    const turns = Object.entries({ "flyte-ts": ours, flytekit: peer, ...others });
    const measured: Record<string, Measured[]> = {};
    for (let turn = -1; turn < runs; turn++) {
      for (const [name, command] of turns) {
        const place = join(folder, `${turn}-${name.replaceAll(/\W/g, "")}`);
        const result = await measure(python, command(place));
        if (turn >= 0) measured[name] = [...(measured[name] ?? []), result];
        await rm(place, { recursive: true, force: true });
      }
      process.stderr.write(turn < 0 ? `${bench.name}: ` : ".");
    }
    process.stderr.write("\n");
    return bench.figures.map((figure) => line(bench.name, figure, measured));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function line(
  name: string,
  { name: figure, of, unit, aim }: Figure,
  measured: Record<string, Measured[]>,
): Record<string, string> {
  const medians = Object.entries(measured).map(([who, results]) => [who, median(results.map(of))] as const);
  const ours = measured["flyte-ts"]?.map(of) ?? [];
  const peers = measured.flytekit?.map(of) ?? [];
  const ratio = median(peers.map((value, turn) => value / (ours[turn] ?? Number.NaN)));
  const shown = (value: number): string => `${value.toFixed(digits[unit])} ${unit}`;
  const others = medians.slice(2).map(([who, value]) => `${who}: ${shown(value)}`);
  return {
    case: name,
    figure,
    "flyte-ts": shown(medians[0]?.[1] ?? Number.NaN),
    flytekit: shown(medians[1]?.[1] ?? Number.NaN),
    "flytekit / flyte-ts": `${ratio.toFixed(1)}×${aim === undefined ? "" : ` (aim ${aim})`}`,
    also: others.join("; "),
  };
}

function print(rows: readonly Record<string, string>[]): void {
  const columns = Object.keys(rows[0] ?? {});
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const text = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  console.log(text(columns));
  console.log(`|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`);
  for (const row of rows) console.log(text(columns.map((column) => row[column] ?? "")));
}
