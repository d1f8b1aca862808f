import assert from "node:assert/strict";
import { isTerminal } from "../connector/phase.ts";
import { ConnectorRig } from "./connector-rig.ts";
import type { ConnectorSubject } from "./connector-subject.ts";
import type { ContractTest } from "./contract-test.ts";
import type { VendorFaultKind } from "./vendor-double.ts";
import { assertOneJob } from "./vendor-jobs.ts";

const throttledInSilence =
  "a throttled vendor that does not say for how long is asked once a poll, and left alone for a moment";

/** The cases of asking for a job: what is known, never a failure that is the vendor's. */
export function connectorGetCases(test: ContractTest, subject: () => Promise<ConnectorSubject>): void {
  const on = (name: string, run: (rig: ConnectorRig, subject: ConnectorSubject) => Promise<void>): unknown =>
    test(name, () => ConnectorRig.use(subject, run));

  for (const [what, kind] of [
    ["does not answer (5xx)", "unavailable"],
    ["says that there are too many requests", "throttle"],
    ["loses its answers", "lose"],
    ["hangs", "hang"],
  ] as const satisfies readonly (readonly [string, VendorFaultKind])[]) {
    on(`a job whose vendor ${what} is what it was, until the vendor is well`, async (rig, { vendor, check }) => {
      const host = rig.host();
      const meta = await rig.create(host);
      const key = assertOneJob(vendor);
      vendor.set(key, "running");
      assert.equal((await rig.get(host, meta)).phase, "RUNNING");
      vendor.fault({ on: "get", kind, times: Number.POSITIVE_INFINITY });
      for (const asked of [host, rig.host()]) {
        // more than the six failed polls that propeller forgives in a task's whole life
        for (let poll = 0; poll < 7; poll += 1) {
          const { phase } = await rig.get(asked, meta);
          assert.equal(phase, "RUNNING", "a fault of the vendor's changes nothing");
          await rig.clock.pass(30_000);
        }
      }
      vendor.mend();
      vendor.set(key, "succeeded");
      const { outputs } = await rig.untilPhase(host, meta, "SUCCEEDED");
      await check(outputs);
    });
  }

  on("a throttled vendor is left alone for as long as it says", async (rig, { vendor }) => {
    const host = rig.host();
    const meta = await rig.create(host);
    vendor.set(assertOneJob(vendor), "running");
    await rig.get(host, meta);
    const wait = vendor.tellsRetryAfter ? 45_000 : 400;
    vendor.fault({ on: "get", kind: "throttle", times: Number.POSITIVE_INFINITY, retryAfterMs: wait });
    await rig.get(host, meta);
    vendor.mend();
    const { get } = vendor.requests;
    for (let part = 0; part < 10; part += 1) {
      await rig.get(host, meta);
      await rig.clock.pass(wait / 10 - 1);
    }
    assert.equal(vendor.requests.get, get, `nothing is asked within ${wait} ms`);
    await rig.clock.pass(60_000);
    await rig.get(host, meta);
    assert.ok(vendor.requests.get > get, "later it is asked again");
  });

  on(throttledInSilence, async (rig, { vendor }) => {
    const host = rig.host();
    const meta = await rig.create(host);
    vendor.set(assertOneJob(vendor), "running");
    await rig.get(host, meta);
    const start = vendor.requests.get;
    await rig.get(host, meta);
    const one = vendor.requests.get - start;
    vendor.fault({ on: "get", kind: "throttle", times: Number.POSITIVE_INFINITY });
    for (let poll = 0; poll < 3; poll += 1) {
      const before = vendor.requests.get;
      const { phase } = await rig.get(host, meta);
      assert.equal(phase, "RUNNING", "too many requests are no end");
      assert.ok(vendor.requests.get - before <= one, "it is not asked again by the same poll");
      const asked = vendor.requests.get;
      await rig.get(host, meta);
      await rig.clock.pass(200);
      await rig.get(host, meta);
      assert.equal(vendor.requests.get, asked, "it is left alone for a moment");
      await rig.clock.pass(60_000);
    }
    vendor.mend();
    const asked = vendor.requests.get;
    await rig.get(host, meta);
    assert.ok(vendor.requests.get > asked, "later it is asked again");
  });

  on("a job does not go back", async (rig, { vendor }) => {
    const host = rig.host();
    const meta = await rig.create(host);
    const key = assertOneJob(vendor);
    vendor.set(key, "running");
    assert.equal((await rig.get(host, meta)).phase, "RUNNING");
    vendor.set(key, "queued");
    assert.equal((await rig.get(host, meta)).phase, "RUNNING");
    vendor.set(key, "succeeded");
    assert.equal((await rig.get(host, meta)).phase, "SUCCEEDED");
    vendor.set(key, "running");
    assert.equal((await rig.get(host, meta)).phase, "SUCCEEDED");
  });

  on("a job that waits at the vendor is not running yet", async (rig, { vendor }) => {
    const host = rig.host();
    const meta = await rig.create(host);
    vendor.set(assertOneJob(vendor), "queued");
    const { phase } = await rig.get(host, meta);
    assert.ok(["QUEUED", "WAITING_FOR_RESOURCES", "INITIALIZING"].includes(phase), `the phase is ${phase}`);
  });

  on("a job that fails says why", async (rig, { vendor }) => {
    const meta = await rig.create(rig.host());
    vendor.set(assertOneJob(vendor), "failed", "division by zero at 3:14");
    for (const host of [rig.host(), rig.host()]) {
      const { phase, message } = await rig.get(host, meta);
      assert.ok(["FAILED", "RETRYABLE_FAILED"].includes(phase), `the phase is ${phase}`);
      assert.ok(message.includes("division by zero at 3:14"), `"${message}" has the vendor's words`);
    }
  });

  on("a job that was stopped at the vendor has ended", async (rig, { vendor }) => {
    const host = rig.host();
    const meta = await rig.create(host);
    vendor.set(assertOneJob(vendor), "cancelled");
    const { phase } = await rig.get(host, meta);
    assert.ok(["ABORTED", "FAILED", "RETRYABLE_FAILED"].includes(phase), `the phase is ${phase}`);
  });

  on("a job that the vendor does not know, or no more, may be tried again", async (rig, { vendor }) => {
    for (const seen of [false, true]) {
      const host = rig.host();
      const meta = await rig.create(host, { folder: `seen-${seen}` });
      const key = assertOneJob(vendor);
      vendor.set(key, "running");
      if (seen) await rig.get(host, meta);
      vendor.vanish(key);
      assert.ok(!isTerminal((await rig.get(host, meta)).phase), "the vendor's parts may not agree for a moment");
      await rig.untilPhase(host, meta, "RETRYABLE_FAILED");
      await rig.delete(host, meta);
      await rig.delete(rig.host(), meta);
      assert.deepEqual(vendor.jobs(), [], "nothing is started in its place");
    }
  });

  on(
    "a vendor that refuses to tell is asked for minutes, and the attempt is given up in its words",
    async (rig, { vendor }) => {
      const host = rig.host();
      const meta = await rig.create(host);
      vendor.set(assertOneJob(vendor), "running");
      const message = "no permission, says the suite";
      vendor.fault({ on: "get", kind: "refuse", times: Number.POSITIVE_INFINITY, message });
      const first = await rig.get(host, meta);
      assert.ok(!isTerminal(first.phase), `the job runs on, but is ${first.phase}: ${first.message}`);
      const answer = await rig.untilPhase(host, meta, "RETRYABLE_FAILED");
      assert.ok(answer.message.includes(message), `"${answer.message}" has the vendor's words`);
      vendor.mend();
      await rig.delete(host, meta);
    },
  );

  on("the job's page is in the first answer that is recorded", async (rig, { connector, vendor }) => {
    const host = rig.host();
    const meta = await rig.create(host);
    vendor.set(assertOneJob(vendor), "running");
    const { logLinks } = await rig.get(host, meta);
    if (connector.logLinks !== undefined) assert.ok(logLinks.length > 0, "there is a link");
    for (const { name, uri } of logLinks) {
      assert.notEqual(name, "", "the link has a name, which the console shows");
      assert.ok(
        /^https?:$/.test(URL.parse(uri)?.protocol ?? ""),
        `the link "${uri}" is the URL of a page, http(s)://…`,
      );
    }
    vendor.fault({ on: "get", kind: "unavailable", times: Number.POSITIVE_INFINITY });
    const { logLinks: blind } = await rig.get(rig.host(), meta);
    if (connector.logLinks !== undefined) assert.ok(blind.length > 0, "the meta alone gives the link");
  });

  on("polls at once are one request", async (rig, { vendor }) => {
    const host = rig.host();
    const meta = await rig.create(host);
    vendor.set(assertOneJob(vendor), "running");
    await rig.get(host, meta);
    const before = vendor.requests.get;
    await rig.get(host, meta);
    const one = vendor.requests.get - before;
    await Promise.all([1, 2, 3, 4].map(() => rig.get(host, meta)));
    assert.equal(vendor.requests.get - before, 2 * one);
    assert.ok(!isTerminal((await rig.get(host, meta)).phase));
  });
}
