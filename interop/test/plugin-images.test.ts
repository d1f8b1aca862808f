/** The images of plugins whose tasks start no container: the connector service, with that plugin alone. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildTestImages, type TestImage } from "../src/image/build-image.ts";

const names = ["http", "athena"];
let work: string;
let images: ReadonlyMap<string, TestImage>;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "flyte-ts-plugin-images-"));
  const built = await buildTestImages(names, join(work, "build"));
  images = new Map(built.map((one, at) => [names[at] ?? "", one]));
}, 900_000);
afterAll(() => rm(work, { recursive: true, force: true }));

test.each([
  { name: "http", type: "webhook", port: 18_124 },
  { name: "athena", type: "athena", port: 18_125 },
])(
  "the image of $name serves its connectors alone, and answers its health check, as a user that is not root",
  async ({ name, type, port }) => {
    const { image, host, size } = images.get(name) as TestImage;
    console.log(`${image}: ${size}`);
    const { User, Env = [] } = await host.inspect(image);
    expect([User, Env.find((one) => one.startsWith("FLYTE_TS_PLUGINS="))]).toEqual([
      "1000:1000",
      `FLYTE_TS_PLUGINS=@flyte-ts/${name}`,
    ]);
    const at = `--host 127.0.0.1 --port ${port}`;
    const script = [
      `flyte-ts serve connector --supervise ${at} --no-metrics &`,
      "service=$!",
      `for turn in $(seq 100); do flyte-ts serve connector --check ${at} && break; done`,
      `flyte-ts serve connector --check ${at} --service connector/${type}`,
      `flyte-ts serve connector --check ${at} --service connector/bigquery_query_job_task; echo other: $?`,
      "id -u",
      "kill -TERM $service; wait $service",
    ].join("\n");
    const { stdout, stderr } = await (await host.start({ image, args: ["sh", "-c", script] })).ended;
    expect({ said: stdout.match(/^SERVING$/gm), stderr }).toMatchObject({ said: ["SERVING", "SERVING"] });
    expect(stdout).toMatch(/other: 1\n1000\n/);
  },
);
