import { python } from "@flyte-ts/interop/python";
import type { BenchCase, Figure, Turn } from "../src/bench-case.ts";
import { benchFile, installed } from "../src/paths.ts";

/** What a program measured itself, without its start. */
const inside: Figure = { name: "inside", of: ({ said }) => said * 1000, unit: "ms" };

const turn =
  (program: () => string, file: string, ...args: readonly string[]): Turn =>
  () => ({ argv: [program(), benchFile("cases", file), ...args], cwd: benchFile(), says: true });
const node = (): string => installed("node");

/** What one more node costs a workflow, defined and compiled: from 1,000 to 4,000 of them. At most 0.2 ms is the aim. */
export const growth: BenchCase = {
  name: "growth",
  figures: [{ ...inside, name: "per node" }],
  prepare: async () => ({ ours: turn(node, "growth.ts"), peer: turn(python, "growth.py") }),
};

/** A list of integers to a literal and back; a million of them is to take well under a second. */
export const convertList: BenchCase = {
  name: "convert-list",
  figures: [inside],
  prepare: async () => ({
    ours: turn(node, "convert-list.ts", "100000"),
    peer: turn(python, "convert_list.py", "100000"),
    others: { "flyte-ts, 1,000,000 elements": turn(node, "convert-list.ts", "1000000") },
  }),
};
