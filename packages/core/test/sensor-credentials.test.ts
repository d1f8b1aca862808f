import { FlyteContext, type Types } from "@flyte-ts/core";
import {
  BaseSensor,
  type Connection,
  notYet,
  type PollAnswer,
  type PollContext,
  type PollRequest,
  PollScheduler,
  Secret,
  silentLog,
  waitOf,
} from "@flyte-ts/core/plugin";
import { ManualClock } from "@flyte-ts/core/testing";
import { expect, test } from "vitest";

/** A sensor that asks for all its tasks at once, and notes for whom, and by which token. */
class Together extends BaseSensor<Types, Types, object> {
  readonly name = "together";
  readonly inputs = {};
  readonly outputs = {};
  override readonly requestsPerSecond = 1;
  readonly polls: string[] = [];
  override group(): string {
    return "all";
  }
  poll(request: PollRequest, context: PollContext): Promise<PollAnswer> {
    return this.pollTogether([request], context)[0] ?? Promise.reject();
  }
  override pollTogether(requests: readonly PollRequest[], { connection }: PollContext): readonly Promise<PollAnswer>[] {
    const token = connection?.secrets.token?.reveal();
    this.polls.push(
      `${requests
        .map(({ inputs }) => inputs.name)
        .sort()
        .join()} by ${token} in ${connection?.configs.region}`,
    );
    return requests.map(async () => notYet("it"));
  }
}

function setUp() {
  const clock = new ManualClock();
  const scheduler = new PollScheduler(clock, () => 0);
  const { storage, datasets, types } = new FlyteContext();
  const secrets = { get: () => Promise.reject(new Error("no secrets here")) };
  const sensor = new Together();
  const wait = (name: string, connection?: Connection) =>
    scheduler.add(name, {
      task: name,
      sensor,
      request: { inputs: { name }, config: {}, startedAt: clock.now(), memory: undefined },
      wait: waitOf(name, { jitter: 0 }),
      surroundings: { clock, log: silentLog, storage, datasets, types, secrets, connection },
    });
  return { clock, sensor, wait };
}

const connection = (token: string, region: string): Connection => ({
  taskType: "flyte-ts-sensor",
  secrets: { token: new Secret(token) },
  configs: { region },
});

test("tasks are polled together, and count for one limit, by what they ask with: each with its own connection", async () => {
  const { clock, sensor, wait } = setUp();
  wait("a", connection("ann's", "north"));
  wait("b", connection("bob's", "north"));
  wait("c", connection("ann's", "north"));
  wait("d", connection("ann's", "south"));
  wait("e");
  wait("f", { taskType: "flyte-ts-sensor", secrets: {}, configs: {} });
  await clock.pass(0);
  expect([...sensor.polls].sort()).toEqual([
    "a,c by ann's in north",
    "b by bob's in north",
    "d by ann's in south",
    "e,f by undefined in undefined",
  ]);
});

test("what a connection holds is not kept as text beside it", () => {
  const { wait } = setUp();
  const { endpoint } = wait("a", connection("ann's token", "north"));
  expect(endpoint).toMatch(/^together [0-9a-f]{64}$/);
});
