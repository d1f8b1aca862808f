/** The image of the sensor's plugin, in which an author's task waits for a file. */
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LiteralMap } from "@flyte-ts/core/plugin";
import { waitForObjectStoreFile } from "@flyte-ts/object-store-sensor";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildTestImage, type TestImage } from "../src/image/build-image.ts";
import { writableFolder } from "../src/image/run-task.ts";
import { settings } from "../src/module-task.ts";
import { readResult, renderArguments } from "../src/task-files.ts";

let work: string;
let built: TestImage;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "flyte-ts-sensor-image-"));
  await chmod(work, 0o755);
  built = await buildTestImage("object-store-sensor", join(work, "build"));
  console.log(`${built.image}: ${built.size}, built with ${built.builder.name}`);
}, 600_000);
afterAll(() => rm(work, { recursive: true, force: true }));

/** What the author's code is, which comes into the container from outside. */
const flow = `
  import { waitForObjectStoreFile } from "@flyte-ts/object-store-sensor";
  export const sensor = waitForObjectStoreFile({ name: "in-image", pollInterval: 50, timeout: 60_000 });
`;

test("a task of the author's waits in it for a file, as a user that is not root, on a read-only root", async () => {
  const folder = join(work, "task");
  await writableFolder(folder);
  const code = join(work, "code");
  await mkdir(code);
  await writeFile(join(code, "flow.mjs"), flow);
  const path = join(folder, "data.csv");
  const files = { template: "", inputs: join(folder, "inputs.pb"), outputPrefix: join(folder, "out") };
  await writableFolder(files.outputPrefix);
  const literals = { path: { scalar: { primitive: { stringValue: path } } } };
  await writeFile(files.inputs, LiteralMap.encode(LiteralMap.fromJson({ literals })));
  const sensor = waitForObjectStoreFile({ name: "in-image" });
  const { target } = sensor.template({ ...settings, module: "flow/flow.mjs" });
  if (target.case !== "container") throw new Error("the task has no container");
  const container = await built.host.start({
    image: built.image,
    args: renderArguments(target.value.args, files),
    env: { FLYTE_INTERNAL_EXECUTION_PROJECT: "p" },
    mounts: [
      { source: folder, target: folder },
      { source: code, target: "/flyte/work/flow", readOnly: true },
    ],
  });
  // It keeps the time of its start when it has begun to wait.
  const waits = async (): Promise<boolean> =>
    stat(join(files.outputPrefix, "checkpoint")).then(
      () => true,
      () => false,
    );
  while (!(await waits())) await new Promise((resolve) => setTimeout(resolve, 50));
  await writeFile(path, "1,2,3");
  expect(await container.ended).toMatchObject({ status: 0 });
  const { outputs, error } = await readResult(files.outputPrefix);
  expect(error).toBeUndefined();
  expect(outputs && LiteralMap.toJson(outputs)).toMatchObject({ literals });
  const { User } = await built.host.inspect(built.image);
  expect(User).toBe("1000:1000");
});
