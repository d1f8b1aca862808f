import assert from "node:assert/strict";
import { isTerminal } from "../connector/phase.ts";
import { attemptKeys } from "../connector-calls/idempotency-key.ts";
import { ConnectorRig } from "./connector-rig.ts";
import type { ConnectorSubject } from "./connector-subject.ts";
import type { ContractTest } from "./contract-test.ts";
import { assertOneJob, liveJobs } from "./vendor-jobs.ts";

/** The cases of starting a job: one for each attempt, whatever becomes of the answers. */
export function connectorCreateCases(test: ContractTest, subject: () => Promise<ConnectorSubject>): void {
  const on = (name: string, run: (rig: ConnectorRig, subject: ConnectorSubject) => Promise<void>): unknown =>
    test(name, () => ConnectorRig.use(subject, run));

  on("a job is started under the key of its attempt, asked for, and gives its outputs", async (rig, made) => {
    const { vendor, check } = made;
    const host = rig.host();
    const request = await rig.request();
    const meta = await rig.create(host, request);
    const { project, domain, execution, node } = request.metadata;
    const { name: task = "", version = "" } = request.template.id ?? {};
    const { outputPrefix, attempt } = request;
    const { idempotencyKey: key } = attemptKeys({
      project,
      domain,
      execution,
      node,
      task,
      version,
      outputPrefix,
      attempt,
    });
    assert.deepEqual(
      vendor.jobs().map((job) => job.key),
      [key],
      "the vendor's job has the idempotency key",
    );
    vendor.set(key, "running");
    assert.equal((await rig.get(host, meta)).phase, "RUNNING");
    vendor.set(key, "succeeded");
    const { phase, outputs } = await rig.get(host, meta);
    assert.equal(phase, "SUCCEEDED");
    await check(outputs);
    await check((await rig.get(rig.host(), meta)).outputs);
  });

  on(
    "a create that is repeated, at once, later, and in another process, gives the one job",
    async (rig, { vendor }) => {
      const host = rig.host();
      const metas = await Promise.all([1, 2, 3].map(() => rig.create(host)));
      const other = rig.host();
      metas.push(await rig.create(host), await rig.create(other));
      const key = assertOneJob(vendor);
      vendor.set(key, "succeeded");
      metas.push(await rig.create(rig.host()));
      assertOneJob(vendor);
      for (const meta of metas) assert.equal((await rig.get(host, meta)).phase, "SUCCEEDED");
    },
  );

  on("two processes that create at once give the one job", async (rig, { vendor }) => {
    const metas = await Promise.all([rig.host(), rig.host(), rig.host()].map((host) => rig.create(host)));
    const key = assertOneJob(vendor);
    vendor.set(key, "running");
    for (const meta of metas) assert.equal((await rig.get(rig.host(), meta)).phase, "RUNNING");
  });

  for (const [what, kind] of [
    ["whose answer is lost", "lose"],
    ["that is not answered in time", "hang"],
    ["that meets a vendor's fault", "unavailable"],
    ["that is throttled", "throttle"],
  ] as const) {
    on(`a create ${what} is no failure, and comes to one job`, async (rig, { vendor }) => {
      vendor.fault({ on: "create", kind, times: 1 });
      const host = rig.host();
      const meta = await rig.create(host);
      await rig.untilPhase(host, meta, "QUEUED", "INITIALIZING", "RUNNING", "WAITING_FOR_RESOURCES");
      await started(rig, host, meta, vendor);
    });

    on(`a create ${what}, again and again, comes to one job when the vendor is well`, async (rig, { vendor }) => {
      vendor.fault({ on: "create", kind, times: Number.POSITIVE_INFINITY });
      const host = rig.host();
      const meta = await rig.create(host);
      for (let poll = 0; poll < 5; poll += 1) {
        const { phase } = await rig.get(host, meta);
        assert.ok(!isTerminal(phase), `a passing fault is no end, but the phase is ${phase}`);
        await rig.clock.pass(30_000);
      }
      vendor.mend();
      await started(rig, host, meta, vendor);
    });

    on(`a create ${what} comes to one job after a restart`, async (rig, { vendor }) => {
      vendor.fault({ on: "create", kind, times: Number.POSITIVE_INFINITY });
      const meta = await rig.create(rig.host());
      vendor.mend();
      await started(rig, rig.host(), meta, vendor);
    });
  }

  on("every call may come to another process", async (rig, { vendor, check }) => {
    const meta = await rig.create(rig.host());
    const key = assertOneJob(vendor);
    for (const state of ["queued", "running", "running"] as const) {
      vendor.set(key, state);
      assert.ok(!isTerminal((await rig.get(rig.host(), meta)).phase));
    }
    vendor.set(key, "succeeded");
    const { phase, outputs } = await rig.get(rig.host(), meta);
    assert.equal(phase, "SUCCEEDED");
    await check(outputs);
    assertOneJob(vendor);
  });

  on("attempts, and two calls of one node, are jobs of their own", async (rig, { vendor }) => {
    const host = rig.host();
    // propeller sends the same node id for a sub-workflow that is called twice
    await rig.create(host, { folder: "n0-first" });
    await rig.create(host, { folder: "n0-second" });
    assert.equal(liveJobs(vendor).length, 2, "two calls of one node are two jobs");
    await rig.create(host, { folder: "n0-first", attempt: 1 });
    const keys = vendor.jobs().map(({ key }) => key);
    assert.equal(new Set(keys).size, keys.length, "every job has a key of its own");
    assert.equal(keys.length, 3, "another attempt is another job");
  });

  on("a job whose create was never heard of is gone when the next attempt runs", async (rig, { vendor, connector }) => {
    if (connector.leavesNothing) return;
    await rig.create(rig.host());
    const first = assertOneJob(vendor);
    vendor.set(first, "running");
    const host = rig.host();
    const meta = await rig.create(host, { attempt: 1 });
    const live = liveJobs(vendor).map(({ key }) => key);
    assert.equal(live.length, 1, "one attempt is at work");
    assert.ok(!live.includes(first), "the attempt before is not");
    assert.ok(!isTerminal((await rig.get(host, meta)).phase));
  });

  on("a create that the vendor finds wrong is FAILED, with the vendor's words", async (rig, { vendor }) => {
    for (const kind of ["reject", "refuse"] as const) {
      const message = `the suite says ${kind}`;
      vendor.fault({ on: "create", kind, times: Number.POSITIVE_INFINITY, message });
      const host = rig.host();
      const meta = await rig.create(host, { folder: kind });
      for (const asked of [host, rig.host()]) {
        const answer = await rig.get(asked, meta);
        assert.equal(answer.phase, "FAILED", answer.message);
        assert.ok(answer.message.includes(message), `"${answer.message}" has the vendor's words`);
      }
      await rig.delete(rig.host(), meta);
      vendor.mend();
    }
    assert.deepEqual(vendor.jobs(), []);
  });
}

/** The job is there, once, and is asked for. */
async function started(
  rig: ConnectorRig,
  host: ReturnType<ConnectorRig["host"]>,
  meta: Uint8Array,
  vendor: ConnectorSubject["vendor"],
): Promise<void> {
  await rig.until(host, meta, "the job is started", () => vendor.jobs().length > 0);
  const key = assertOneJob(vendor);
  vendor.set(key, "running");
  await rig.untilPhase(host, meta, "RUNNING");
  vendor.set(key, "succeeded");
  await rig.untilPhase(host, meta, "SUCCEEDED");
  assertOneJob(vendor);
}
