import { python } from "@flyte-ts/interop/python";
import { type BenchCase, cpu, wall } from "../src/bench-case.ts";
import { benchFile, installed } from "../src/paths.ts";

/** What an author's module pays before it does anything. */
export const importTime: BenchCase = {
  name: "import",
  figures: [wall, cpu],
  prepare: async () => ({
    ours: () => ({
      argv: [installed("node"), "--input-type=module", "-e", 'import "@flyte-ts/sqlite3"'],
      cwd: benchFile(),
    }),
    peer: () => ({ argv: [python(), "-c", "from flytekit.extras.sqlite3.task import SQLite3Task"] }),
  }),
};
