// Prints "<passed> <failed>" of one suite: node .ci/count.mjs <vitest's JSON report> <the suite's exit code>.
// What did not come to run counts as one failure: a report that is missing, a file that cannot be imported, an error
// outside every test. A test that was skipped counts as failed, for no suite here may skip.
import { existsSync, readFileSync } from "node:fs";

const [, , file = "", status = "1"] = process.argv;

function count() {
  if (!existsSync(file)) return { passed: 0, failed: 1 };
  const report = JSON.parse(readFileSync(file, "utf8"));
  const unread = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.every((test) => test.status !== "failed"),
  );
  const passed = report.numPassedTests;
  const failed = report.numTotalTests - passed + unread.length;
  return { passed, failed: failed === 0 && status !== "0" ? 1 : failed };
}

const { passed, failed } = count();
console.log(`${passed} ${failed}`);
