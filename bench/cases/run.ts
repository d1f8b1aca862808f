import { pythonProgram } from "@flyte-ts/interop/python";
import { type BenchCase, cpu, wall } from "../src/bench-case.ts";
import { benchFile, installed } from "../src/paths.ts";

/** `run` of a workflow with one task that greets. */
export const runTrivial: BenchCase = {
  name: "run",
  figures: [{ ...wall, aim: "5" }, cpu],
  prepare: async () => ({
    ours: () => ({
      argv: [installed("flyte-ts"), "run", benchFile("cases/trivial.ts"), "greeting", "--name", "you"],
      cwd: benchFile(),
    }),
    peer: () => ({
      argv: [pythonProgram("pyflyte"), "run", benchFile("cases/trivial.py"), "greeting", "--name", "you"],
      cwd: benchFile(),
    }),
  }),
};
