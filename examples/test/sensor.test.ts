import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "@flyte-ts/core";
import { expect, test, vi } from "vitest";
import { length } from "../sensor/report.ts";
import { myWorkflow } from "../sensor/wait-for-file.ts";

test("the sensor of Flyte's tutorial waits for a file, and the workflow goes on", async () => {
  const folder = await mkdtemp(join(tmpdir(), "flyte-ts-sensor-"));
  const path = join(folder, "some-file");
  const said = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    const run = myWorkflow({ path });
    await writeFile(path, "Hello World!");
    expect(await run).toBe(path);
    expect(said).toHaveBeenCalledWith(path);
  } finally {
    said.mockRestore();
    await rm(folder, { recursive: true });
  }
});

test("its tasks are registered with the type and the container of the tutorial's", async () => {
  const settings = { project: "p", domain: "d", version: "v", module: "sensor/wait-for-file.ts", image: "img:1" };
  const { tasks, workflows } = await compile(myWorkflow, settings);
  expect(tasks.map(({ template }) => [template?.id?.name, template?.type, template?.target.case])).toEqual([
    ["my-objectstore-sensor", "object-store-sensor", "container"],
    ["print_file", "python-task", "container"],
  ]);
  expect(workflows[0]?.template?.nodes.map(({ upstreamNodeIds }) => upstreamNodeIds)).toEqual([[], ["n0"]]);
});

test("a sensor of one's own waits for a service's answer", async () => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked++;
    if (asked === 1) response.writeHead(503).end();
    else if (asked === 2) response.writeHead(404).end();
    else response.end("all is well");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    expect(await length({ url: `http://127.0.0.1:${port}/report` })).toBe(3);
    expect(asked).toBe(3);
  } finally {
    server.close();
  }
});
