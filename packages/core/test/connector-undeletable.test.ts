import { FlyteError, type JobContext, type Log, type LogLevel, silentLog } from "@flyte-ts/core/plugin";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { passing, requestOf, Surroundings } from "./connector-surroundings.ts";
import { type CountedMeta, CountingConnector } from "./counting-vendor.ts";

/** A connector that may not delete. */
class Forbidden extends CountingConnector {
  override async delete(_context: JobContext<CountedMeta>): Promise<void> {
    throw new FlyteError("PermissionDenied", "you may not cancel jobs");
  }
}

/** A log of which the errors are kept. */
function errorsOf(): { readonly log: Log; readonly errors: string[] } {
  const errors: string[] = [];
  const level: LogLevel = "error";
  return { log: { ...silentLog, [level]: (message: string) => void errors.push(message) }, errors };
}

/** A job that is deleted every ten seconds, as the executor of Flyte v2 does until that succeeds. */
async function deletedAgain(connector: CountingConnector, spoil = (_: CountingConnector): void => {}) {
  const around = new Surroundings(connector);
  const { category, clock } = around;
  const { log, errors } = errorsOf();
  const resourceMeta = await around.host().create(requestOf());
  spoil(connector);
  const host = around.host({ log });
  const remove = () => passing(clock, host.delete({ category, resourceMeta }, { deadlineMs: 10_000 }));
  return { ...around, clock, errors, remove };
}

describe("a job that cannot be deleted", () => {
  test("need not be where it has ended", async () => {
    for (const state of ["succeeded", "failed"] as const) {
      const connector = new Forbidden();
      const { remove } = await deletedAgain(connector, ({ vendor }) => {
        for (const job of vendor.jobs) job.state = state;
      });
      await remove();
    }
  });

  test.each([
    ["for want of a permission", new Forbidden(), undefined, "you may not cancel jobs"],
    [
      "as its meta cannot be read",
      new CountingConnector(),
      (connector: CountingConnector) =>
        Object.assign(connector, { meta: { version: 1, schema: v.object({ other: v.string() }) } }),
      "cannot read a meta",
    ],
  ])("%s is an error for an hour, and then left behind with a line in the log", async (_, connector, spoil, text) => {
    const { clock, errors, remove } = await deletedAgain(connector, spoil);
    for (let gone = 0; gone < 3_600_000; gone += 300_000) {
      await expect(remove()).rejects.toThrow(text);
      await clock.pass(300_000);
    }
    expect(errors).toEqual([]);
    await remove();
    expect(errors).toEqual([expect.stringContaining(text)]);
  });
});
