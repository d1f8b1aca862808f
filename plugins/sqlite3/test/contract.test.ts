import assert from "node:assert/strict";
import { join } from "node:path";
import { columnsOf, Dataset } from "@flyte-ts/core/plugin";
import { shimExecutorContract } from "@flyte-ts/core/testing";
import { describe, test } from "vitest";
import manifest from "../src/plugin.ts";
import { makeDatabase, templateOf, testFolder } from "./fixture.ts";

const folder = testFolder();
const uri = makeDatabase(join(folder, "t.db"), "create table t (a integer); insert into t values (1), (2), (3)");
const inputs = { least: { simple: "INTEGER" } };
const query = "select a from t where a >= {{ .inputs.least }} order by a desc";

describe("the executor of sqlite", () => {
  shimExecutorContract({
    test,
    manifest,
    taskType: "sqlite",
    subject: async () => ({
      template: templateOf({ query, uri, inputs }),
      inputs: { least: 2n },
      check: async ({ literals }, context) => {
        const type = context.types.guess(
          templateOf({ query, uri }).interface?.outputs?.variables.results?.type ?? assert.fail(),
        );
        assert.deepEqual(columnsOf(type), []);
        const results = await type.toNative(literals.results ?? assert.fail("there are results"), context);
        assert.ok(Dataset.is(results));
        assert.deepEqual(await results.toArray(), [{ a: 3 }, { a: 2 }]);
      },
      mistakes: {
        "a missing table": {
          template: templateOf({ query: query.replace(" t ", " u "), uri, inputs }),
          inputs: { least: 2n },
        },
        "a missing database": {
          template: templateOf({ query, uri: join(folder, "none"), inputs }),
          inputs: { least: 2n },
        },
        "a value that does not fit, after the first rows": {
          template: templateOf({
            query:
              "with recursive c(n) as (select 1 union all select n + 1 from c where n < 50000) select iif(n = {{ .inputs.least }}, 'x', n) as n from c",
            uri,
            inputs,
          }),
          inputs: { least: 49_999n },
        },
      },
    }),
  });
});
