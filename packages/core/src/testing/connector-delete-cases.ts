import assert from "node:assert/strict";
import { isTerminal } from "../connector/phase.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { ConnectorRig } from "./connector-rig.ts";
import type { ConnectorSubject } from "./connector-subject.ts";
import type { ContractTest } from "./contract-test.ts";
import { assertNothingLeft, assertOneJob } from "./vendor-jobs.ts";

/** The cases of stopping a job: nothing is left, whatever was known of it. */
export function connectorDeleteCases(test: ContractTest, subject: () => Promise<ConnectorSubject>): void {
  const on = (name: string, run: (rig: ConnectorRig, subject: ConnectorSubject) => Promise<void>): unknown =>
    test(name, () => ConnectorRig.use(subject, run));

  on("a job is stopped, as often as that is asked for, and has ended then", async (rig, { vendor }) => {
    for (const state of ["queued", "running"] as const) {
      const host = rig.host();
      const meta = await rig.create(host, { folder: state });
      const key = vendor.jobs().find((job) => job.state === "queued" || job.state === "running")?.key ?? "";
      vendor.set(key, state);
      await rig.get(host, meta);
      await rig.delete(host, meta);
      assertNothingLeft(vendor);
      await rig.delete(host, meta);
      await rig.delete(rig.host(), meta);
      const { phase } = await rig.get(rig.host(), meta);
      assert.ok(isTerminal(phase), `a job that was stopped has ended, but is ${phase}`);
      assert.notEqual(phase, "SUCCEEDED");
    }
  });

  on("a job that has ended is left as it is: its results are the user's", async (rig, { vendor, check }) => {
    const meta = await rig.create(rig.host());
    const key = assertOneJob(vendor);
    vendor.set(key, "succeeded");
    await rig.get(rig.host(), meta);
    await rig.delete(rig.host(), meta);
    assert.equal(vendor.jobs()[0]?.state, "succeeded");
    const { phase, outputs } = await rig.get(rig.host(), meta);
    assert.equal(phase, "SUCCEEDED");
    await check(outputs);
  });

  for (const kind of ["unavailable", "throttle", "lose", "hang"] as const) {
    on(`a job is stopped before anybody knows that it was started (${kind})`, async (rig, { vendor }) => {
      for (const restarted of [false, true]) {
        vendor.fault({ on: "create", kind, times: Number.POSITIVE_INFINITY });
        const host = rig.host();
        const meta = await rig.create(host, { folder: `restarted-${restarted}` });
        vendor.mend();
        const other = restarted ? rig.host() : host;
        await rig.delete(other, meta);
        await rig.delete(other, meta);
        const { phase } = await rig.get(other, meta);
        assert.ok(isTerminal(phase), `a job that was stopped has ended, but is ${phase}`);
        await rig.clock.pass(600_000);
        assertNothingLeft(vendor);
        const keys = vendor.jobs().map(({ key }) => key);
        assert.equal(new Set(keys).size, keys.length, "no key has two jobs");
      }
    });
  }

  on("a job is stopped although the vendor has a bad moment", async (rig, { vendor }) => {
    for (const kind of ["unavailable", "throttle", "lose"] as const) {
      const meta = await rig.create(rig.host(), { folder: kind });
      vendor.fault({ on: "delete", kind, times: 2 });
      const host = rig.host();
      await rig.delete(host, meta).catch(() => rig.delete(host, meta));
      assertNothingLeft(vendor);
      vendor.mend();
    }
  });

  on(
    "a vendor that cannot stop a job is an error that says to ask again, and asking again helps",
    async (rig, made) => {
      const { vendor } = made;
      for (const kind of ["unavailable", "hang"] as const) {
        const meta = await rig.create(rig.host(), { folder: kind });
        vendor.fault({ on: "delete", kind, times: Number.POSITIVE_INFINITY });
        const host = rig.host();
        const before = rig.clock.elapsed();
        const [settled] = await Promise.allSettled([rig.delete(host, meta)]);
        assert.ok(rig.clock.elapsed() - before < 12_000, "the caller's deadline is kept");
        if (kind === "unavailable" || settled.status === "rejected") {
          assert.equal(settled.status, "rejected", "a job that is not stopped is no success");
          const reason: unknown = settled.status === "rejected" ? settled.reason : undefined;
          assert.ok(FlyteError.is(reason) && reason.recoverable, `a recoverable FlyteError, not ${String(reason)}`);
        }
        vendor.mend();
        await rig.delete(host, meta);
        assertNothingLeft(vendor);
      }
    },
  );

  on("an attempt that is retried leaves nothing of the one before", async (rig, { vendor }) => {
    const host = rig.host();
    const first = await rig.create(host);
    await rig.get(host, first);
    await rig.delete(host, first);
    const second = await rig.create(host, { attempt: 1 });
    await rig.delete(host, second);
    assert.equal(vendor.jobs().length, 2);
    assertNothingLeft(vendor);
  });
}
