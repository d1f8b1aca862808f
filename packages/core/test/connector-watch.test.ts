import { type ConnectorWatch, FlyteError, Secret } from "@flyte-ts/core/plugin";
import { expect, test } from "vitest";
import { passing, requestOf, Surroundings } from "./connector-surroundings.ts";
import { CountingConnector } from "./counting-vendor.ts";

/** Notes what it is told: yes for an answer, else the error. */
class Notes implements ConnectorWatch {
  readonly told: string[] = [];
  answered(taskType: string): void {
    this.told.push(`${taskType}: yes`);
  }
  unanswered(taskType: string, error: FlyteError): void {
    this.told.push(`${taskType}: ${error.message}`);
  }
}

test("who watches is told which calls a vendor has answered, whatever it said", async () => {
  const connector = new CountingConnector();
  const around = new Surroundings(connector);
  const { category, clock } = around;
  const watch = new Notes();
  const host = around.host({ watch });
  const told = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
    watch.told.length = 0;
    await passing(clock, work());
    await clock.pass(120_000);
    return [...watch.told];
  };
  const resourceMeta = await host.create(requestOf());
  const get = () => host.get({ category, resourceMeta });
  expect(watch.told).toEqual(["counted: yes"]);
  expect(await told(get)).toEqual(["counted: yes"]);
  const turns: readonly (readonly [FlyteError | Error | "hang", string])[] = [
    [new FlyteError("Unavailable", "503"), "503"],
    [new FlyteError("PermissionDenied", "who are you?"), "who are you?"],
    [new TypeError("x is no function"), "x is no function"],
    ["hang", "Counting.get gave no answer within 60000 ms"],
    // these are answers
    [new FlyteError("Throttled", "slow down"), "yes"],
    [new FlyteError("NotFound", "no such job"), "yes"],
    [new FlyteError("TaskFailed", "the query is wrong"), "yes"],
  ];
  for (const [turn, message] of turns) {
    connector.vendor.turns = [turn];
    expect(await told(get)).toEqual([`counted: ${message}`]);
  }
});

test("who watches is told of starts, and of no secret", async () => {
  const connector = new CountingConnector();
  connector.vendor.turns = [new FlyteError("Unavailable", "no answer to hunter2-hunter2")];
  const around = new Surroundings(connector);
  const watch = new Notes();
  const connection = { taskType: "counted", secrets: { token: new Secret("hunter2-hunter2") }, configs: {} };
  await around.host({ watch }).create(requestOf({ connection }));
  expect(watch.told).toEqual(["counted: no answer to [secret]"]);
});
