import { join } from "node:path";
import { type BenchCase, cpu, peak } from "../src/bench-case.ts";
import { sqliteTurns } from "../src/sqlite-task.ts";

const figures: BenchCase["figures"] = [
  { name: "until outputs.pb", of: ({ outputs }) => outputs, unit: "s", aim: "12" },
  cpu,
  peak,
];
const small = 1000;

/** A warm machine: byte code there, compile cache there. */
export const coldStart: BenchCase = {
  name: "cold-start",
  figures,
  prepare: (folder) => sqliteTurns(folder, small, "select id, name from t limit {{ .inputs.limit }} % 11"),
};

/** An image that ships neither. */
export const coldStartUncached: BenchCase = {
  name: "cold-start-uncached",
  figures,
  prepare: (folder) =>
    sqliteTurns(folder, small, "select id, name from t limit {{ .inputs.limit }} % 11", {
      ours: { NODE_DISABLE_COMPILE_CACHE: "1" },
      peer: { PYTHONPYCACHEPREFIX: join(folder, "none"), PYTHONDONTWRITEBYTECODE: "1" },
    }),
};
