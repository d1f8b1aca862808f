/** The connector service's image: built from the packed packages, run as its own user. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildTestImage, type TestImage } from "../src/image/build-image.ts";

let work: string;
let built: TestImage;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "flyte-ts-connector-image-"));
  built = await buildTestImage("connector", join(work, "build"));
  console.log(`${built.image}: ${built.size}, built with ${built.builder.name}`);
}, 600_000);
afterAll(() => rm(work, { recursive: true, force: true }));

test("declares a user that is not root, and starts the service behind an init", async () => {
  const { User, Entrypoint, Cmd, Env = [] } = await built.host.inspect(built.image);
  expect(User).toBe("1000:1000");
  expect(Entrypoint?.[0]).toMatch(/tini$/);
  expect(Cmd).toEqual(["flyte-ts", "serve", "connector", "--supervise"]);
  expect(Env.find((one) => one.startsWith("FLYTE_TS_PLUGINS="))).toMatch(/@flyte-ts\/bigquery/);
});

test("serves, and answers its health check, as that user", async () => {
  const script = [
    "flyte-ts serve connector --supervise --host 127.0.0.1 --port 18123 --no-metrics &",
    "service=$!",
    "for turn in $(seq 100); do flyte-ts serve connector --check --host 127.0.0.1 --port 18123 && break; done",
    "flyte-ts serve connector --check --host 127.0.0.1 --port 18123 --service connector/bigquery_query_job_task",
    "flyte-ts serve connector --check --host 127.0.0.1 --port 18123 --service connector/nothing; echo unknown: $?",
    "id -u",
    "kill -TERM $service; wait $service; echo ended: $?",
  ].join("\n");
  const container = await built.host.start({ image: built.image, args: ["sh", "-c", script] });
  const { stdout, status, stderr } = await container.ended;
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stdout.match(/^SERVING$/gm)).toHaveLength(2);
  expect(stdout).toContain('"msg":"serving connectors"');
  expect(stdout).toMatch(/unknown: 1\n1000\n/);
  expect(stdout).toMatch(/ended: (?:0|143)/);
});
