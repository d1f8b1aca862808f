import { t } from "@flyte-ts/core";
import { TaskTemplate } from "@flyte-ts/core/plugin";
import { connectorContract } from "@flyte-ts/core/testing";
import { expect, test } from "vitest";
import { athenaTask } from "../src/index.ts";
import { AthenaDouble } from "./athena-double.ts";
import { connectorOf } from "./fixture.ts";

const task = athenaTask({
  name: "long-tracks",
  config: { outputLocation: "s3://results/tracks" },
  inputs: { name: t.string },
  query: "select TrackId from tracks where Name = {{ .inputs.name }}",
  columns: { TrackId: t.int },
});

connectorContract({
  test,
  async subject() {
    const vendor = await AthenaDouble.start();
    return {
      connector: connectorOf(vendor),
      restarted: () => connectorOf(vendor),
      vendor,
      template: TaskTemplate.decode(
        TaskTemplate.encode(task.template({ project: "p", domain: "d", version: "v", module: "" })),
      ),
      inputs: { name: "it's" },
      check(outputs) {
        const scalar = outputs?.literals.results?.value;
        expect(scalar).toMatchObject({
          value: {
            value: {
              case: "structuredDataset",
              value: {
                uri: expect.stringMatching(/^s3:\/\/results\/tracks\/[0-9a-f-]{36}\.csv$/),
                metadata: { structuredDatasetType: { format: "csv" } },
              },
            },
          },
        });
      },
      close: () => vendor.stop(),
    };
  },
});
