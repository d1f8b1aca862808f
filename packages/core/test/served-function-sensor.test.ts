import { compile, sensor, t, workflow } from "@flyte-ts/core";
import { definePlugin } from "@flyte-ts/core/plugin";
import { expect, test } from "vitest";

test("a sensor from a function is polled by the sensor engine, when its task hands it to the plugin's manifest", async () => {
  let asked = 0;
  const own = { name: "@acme/rows", version: "1.0.0" };
  const manifest = definePlugin({
    specVersion: 1,
    ...own,
    provides: { sensors: { "served.rows": async () => rows.sensor } },
  });
  const rows = sensor({
    name: "served.rows",
    inputs: { table: t.string },
    outputs: { rows: t.int, of: t.string },
    poll: ({ table }) => (++asked < 3 ? undefined : { rows: asked, of: table }),
    pollInterval: 1,
    servedBy: { package: own, manifest: async () => ({ default: manifest }) },
  });
  const settings = { project: "p", domain: "d", version: "v", module: "m.ts", image: "img:1" };
  const template = (await compile(rows, settings)).tasks[0]?.template;
  expect(template).toMatchObject({ type: "flyte-ts-sensor", custom: { sensor: "served.rows" } });
  const flow = workflow({ name: "served.flow", inputs: { table: t.string }, build: ({ table }) => rows({ table }) });
  expect(await flow({ table: "abc" })).toEqual({ rows: 3, of: "abc" });
});
