import assert from "node:assert/strict";
import { maxResourceMetaBytes } from "../connector/resource-meta.ts";
import { Secret } from "../connector/secret.ts";
import { decodeEnvelope, encodeEnvelope } from "../connector-host/job-envelope.ts";
import { joinUri } from "../storage/uri.ts";
import { LiteralMap } from "../wire/messages.ts";
import { ConnectorRig } from "./connector-rig.ts";
import type { ConnectorSubject } from "./connector-subject.ts";
import type { ContractTest } from "./contract-test.ts";
import { assertOneJob } from "./vendor-jobs.ts";

/** The cases of what is written down: metas, secrets, outputs. */
export function connectorCareCases(test: ContractTest, subject: () => Promise<ConnectorSubject>): void {
  const on = (name: string, run: (rig: ConnectorRig, subject: ConnectorSubject) => Promise<void>): unknown =>
    test(name, () => ConnectorRig.use(subject, run));

  on(
    "no secret stands in a meta, an answer, an error or a log line",
    async (rig, { vendor, connectionSecrets = [] }) => {
      const { canary, category } = rig;
      const secrets = Object.fromEntries(connectionSecrets.map((name) => [name, new Secret(canary)]));
      const connection = { taskType: category.name, secrets, configs: {} };
      const texts: string[] = [];
      const seen = async (promise: Promise<unknown>): Promise<void> => {
        const value = await rig.settled(promise).catch((error: unknown) => error);
        texts.push(value instanceof Uint8Array ? Buffer.from(value).toString() : textOf(value));
      };
      for (const on of ["none", "create", "get", "delete"] as const) {
        const host = rig.host();
        if (on !== "none") vendor.fault({ on, kind: "refuse", times: Number.POSITIVE_INFINITY, message: "denied" });
        const request = { ...(await rig.request({ folder: on })), connection };
        const resourceMeta = await rig.settled(host.create(request, { deadlineMs: 10_000 }));
        texts.push(Buffer.from(resourceMeta).toString());
        const job = { category, resourceMeta, connection };
        if (on === "none") {
          const { phase, message } = await rig.settled(host.get(job));
          assert.ok(phase !== "FAILED", `the job is started: ${message}`);
        }
        await seen(host.get(job));
        await seen(rig.host().get(job));
        await seen(host.delete(job, { deadlineMs: 10_000 }));
        vendor.mend();
      }
      for (const text of [...texts, ...rig.lines]) {
        const forms = [canary, encodeURIComponent(canary), Buffer.from(canary).toString("base64").slice(0, -4)];
        for (const form of forms) assert.ok(!text.includes(form), `the secret stands in: ${text}`);
      }
    },
  );

  on("a meta is small, and is read back as it was written", async (rig, { connector }) => {
    const bytes = await rig.create(rig.host());
    const envelope = decodeEnvelope(bytes);
    assert.equal(envelope.kind, "job");
    if (envelope.kind !== "job") return;
    assert.ok(JSON.stringify(envelope.meta).length <= maxResourceMetaBytes);
    assert.equal(envelope.version, connector.meta.version);
    const { schema } = connector.meta;
    const once = await schema["~standard"].validate(envelope.meta);
    assert.equal(once.issues, undefined, "the schema takes its own meta");
  });

  on("a meta of an earlier version of the connector is read", async (rig, { connector, vendor, olderMetas = [] }) => {
    const { version } = connector.meta;
    const given = olderMetas.map((older) => older.version).sort((a, b) => a - b);
    const expected = Array.from({ length: version - 1 }, (_, at) => at + 1);
    assert.deepEqual(given, expected, "the subject has a meta of every version before the declared one");
    const envelope = decodeEnvelope(await rig.create(rig.host()));
    if (envelope.kind !== "job") throw new assert.AssertionError({ message: "the job was started" });
    vendor.set(assertOneJob(vendor), "running");
    for (const older of olderMetas) {
      const bytes = encodeEnvelope({ ...envelope, version: older.version, meta: older.of(envelope.meta) });
      assert.equal((await rig.get(rig.host(), bytes)).phase, "RUNNING", `version ${older.version}`);
      await rig.delete(rig.host(), bytes);
      assert.notEqual(vendor.jobs()[0]?.state, "running", "it is stopped, too");
      vendor.set(assertOneJob(vendor), "running");
    }
  });

  on("outputs that are too big for an answer are written, and the same", async (rig, { vendor, check, template }) => {
    const request = await rig.request();
    const host = rig.host({ maxOutputBytes: 0 });
    const meta = await rig.create(host, request);
    vendor.set(assertOneJob(vendor), "succeeded");
    const { phase, outputs } = await rig.get(host, meta);
    assert.equal(phase, "SUCCEEDED");
    assert.equal(outputs, undefined);
    if (Object.keys(template.interface?.outputs?.variables ?? {}).length === 0) return;
    await check(LiteralMap.decode(await rig.storage.readBytes(joinUri(request.outputPrefix, "outputs.pb"))));
  });
}

/** All of a value that somebody could print. */
function textOf(value: unknown): string {
  if (value === undefined) return "";
  if (!(value instanceof Error))
    return JSON.stringify(value, (_key, item) => (typeof item === "bigint" ? `${item}` : item));
  const { message, stack, cause } = value;
  return [message, stack, JSON.stringify(value), textOf(cause)].join("\n");
}
