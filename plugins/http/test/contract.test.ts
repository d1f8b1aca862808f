import { t } from "@flyte-ts/core";
import { LiteralMap, TaskTemplate } from "@flyte-ts/core/plugin";
import { syncConnectorContract } from "@flyte-ts/core/testing";
import { expect, test } from "vitest";
import { HttpConnector } from "../src/connector.ts";
import { httpTask } from "../src/index.ts";
import { HttpDouble } from "./http-double.ts";

syncConnectorContract({
  test,
  async subject() {
    const vendor = await HttpDouble.start();
    const task = httpTask({
      name: "notify",
      inputs: { text: t.string },
      url: vendor.url,
      secretHeaders: { "X-Token": { key: "token" } },
      body: { text: "{inputs.text}" },
      idempotencyHeader: "Idempotency-Key",
      output: t.object({ got: t.string }),
    });
    return {
      connector: new HttpConnector({
        allow: ["127.0.0.1"],
        secrets: [`token=${new URL(vendor.url).origin}`],
        random: () => 0.5,
      }),
      vendor,
      template: TaskTemplate.decode(
        TaskTemplate.encode(task.template({ project: "p", domain: "d", version: "v", module: "" })),
      ),
      inputs: { text: "it's" },
      check(outputs) {
        expect(LiteralMap.toJson(outputs as LiteralMap)).toMatchObject({
          literals: { status: { scalar: { primitive: { integer: "200" } } }, body: { scalar: { binary: {} } } },
        });
      },
      close: () => vendor.stop(),
    };
  },
});
