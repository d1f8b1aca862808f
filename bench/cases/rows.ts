import { join } from "node:path";
import { type BenchCase, cpu, peak, wall } from "../src/bench-case.ts";
import { sqliteTurns } from "../src/sqlite-task.ts";

const rows = 2_000_000;
const query = "select id, price, name, stamp, flag, big from t limit {{ .inputs.limit }}";

/** Two million rows from SQLite to Parquet; half as many beside it show whether memory grows. */
export const manyRows: BenchCase = {
  name: "rows",
  figures: [{ ...wall, aim: "3" }, cpu, { ...peak, aim: "5" }],
  async prepare(folder) {
    const half = await sqliteTurns(join(folder, "half"), rows / 2, query);
    return {
      ...(await sqliteTurns(join(folder, "all"), rows, query)),
      others: { "flyte-ts, half the rows": half.ours },
    };
  },
};
