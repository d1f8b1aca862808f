import assert from "node:assert/strict";
import type { VendorDouble, VendorJob } from "./vendor-double.ts";

/** The jobs that are still at work. */
export function liveJobs(vendor: VendorDouble): readonly VendorJob[] {
  return vendor.jobs().filter(({ state }) => state === "queued" || state === "running");
}

/** Asserts that a vendor has one job; gives its key. */
export function assertOneJob(vendor: VendorDouble): string {
  const jobs = vendor.jobs();
  assert.equal(jobs.length, 1, `the vendor has one job, not ${JSON.stringify(jobs)}`);
  return (jobs[0] as VendorJob).key;
}

/** Asserts that nothing is left at work. */
export function assertNothingLeft(vendor: VendorDouble): void {
  assert.deepEqual(liveJobs(vendor), [], "no job is left at work");
}
