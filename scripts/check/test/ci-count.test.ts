import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ScratchProject } from "./scratch-project.ts";

const script = join(import.meta.dirname, "../../../.ci/count.mjs");

function count(report: object | undefined, status: number): string {
  using scratch = new ScratchProject(report === undefined ? {} : { "report.json": report });
  return execFileSync(process.execPath, [script, join(scratch.root, "report.json"), String(status)])
    .toString()
    .trim();
}

const report = (passed: number, total: number, testResults: object[] = []): object => ({
  numPassedTests: passed,
  numTotalTests: total,
  testResults,
});

describe("the count of a suite", () => {
  it("is that of its report", () => {
    expect(count(report(7, 7), 0)).toBe("7 0");
    expect(count(report(5, 7), 1)).toBe("5 2");
  });

  it("has a failure where a suite did not come to its tests", () => {
    expect(count(undefined, 1)).toBe("0 1");
    expect(count(report(7, 7), 1)).toBe("7 1");
    expect(count(report(7, 7, [{ status: "failed", assertionResults: [] }]), 1)).toBe("7 1");
  });
});
