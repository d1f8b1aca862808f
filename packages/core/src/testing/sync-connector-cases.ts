import assert from "node:assert/strict";
import type { JobAnswer } from "../connector-calls/host-request.ts";
import { joinUri } from "../storage/uri.ts";
import { LiteralMap } from "../wire/messages.ts";
import { ConnectorRig, callerMs } from "./connector-rig.ts";
import type { SyncConnectorSubject } from "./connector-subject.ts";
import type { ContractTest } from "./contract-test.ts";

/** The cases of a connector that answers at once. */
export function syncConnectorCases(test: ContractTest, subject: () => Promise<SyncConnectorSubject>): void {
  const on = (name: string, run: (rig: ConnectorRig, subject: SyncConnectorSubject) => Promise<void>): unknown =>
    test(name, () => ConnectorRig.use(subject, run));

  on("a task is one request, and gives its outputs", async (rig, { vendor, check }) => {
    const { phase, outputs, message } = await answered(rig);
    assert.equal(phase, "SUCCEEDED", message);
    assert.equal(vendor.requests, 1);
    await check(outputs);
  });

  on("tasks at the same time do not meet", async (rig, { check }) => {
    const host = rig.host();
    const requests = await Promise.all([1, 2, 3].map((at) => rig.request({ folder: `n${at}` })));
    const answers = await Promise.all(requests.map((request) => rig.settled(host.do(request))));
    for (const { outputs } of answers) await check(outputs);
  });

  for (const kind of ["unavailable", "throttle", "lose", "hang"] as const) {
    on(`a vendor's passing fault may be tried again, and keeps the deadline (${kind})`, async (rig, { vendor }) => {
      vendor.fault({ kind, times: Number.POSITIVE_INFINITY });
      const before = rig.clock.elapsed();
      const { phase, message } = await answered(rig);
      assert.equal(phase, "RETRYABLE_FAILED", message);
      assert.notEqual(message, "");
      assert.ok(rig.clock.elapsed() - before < callerMs, "the caller's deadline is kept");
    });
  }

  on("what the vendor finds wrong is FAILED, with the vendor's words", async (rig, { vendor }) => {
    for (const kind of ["reject", "refuse"] as const) {
      const message = `the suite says ${kind}`;
      vendor.fault({ kind, times: Number.POSITIVE_INFINITY, message });
      const answer = await answered(rig);
      assert.equal(answer.phase, "FAILED", answer.message);
      assert.ok(answer.message.includes(message), `"${answer.message}" has the vendor's words`);
      vendor.mend();
    }
  });

  on("no secret stands in an answer or a log line", async (rig, { vendor }) => {
    const texts = [JSON.stringify(plain(await answered(rig)))];
    vendor.fault({ kind: "refuse", times: Number.POSITIVE_INFINITY, message: "denied" });
    texts.push(JSON.stringify(plain(await answered(rig))));
    for (const text of [...texts, ...rig.lines]) {
      assert.ok(!text.includes(rig.canary), `the secret stands in: ${text}`);
    }
  });

  on("outputs that are too big for an answer are written, and the same", async (rig, { check, template }) => {
    const request = await rig.request();
    const { phase, outputs, message } = await rig.settled(rig.host({ maxOutputBytes: 0 }).do(request));
    assert.equal(phase, "SUCCEEDED", message);
    assert.equal(outputs, undefined);
    if (Object.keys(template.interface?.outputs?.variables ?? {}).length === 0) return;
    await check(LiteralMap.decode(await rig.storage.readBytes(joinUri(request.outputPrefix, "outputs.pb"))));
  });
}

async function answered(rig: ConnectorRig): Promise<JobAnswer> {
  return rig.settled(rig.host().do(await rig.request(), { deadlineMs: callerMs }));
}

/** An answer as text, integers included. */
const plain = ({ outputs, ...answer }: JobAnswer): unknown => ({
  ...answer,
  outputs: outputs === undefined ? undefined : LiteralMap.toJson(outputs),
});
