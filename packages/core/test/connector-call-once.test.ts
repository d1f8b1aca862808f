import { FlyteError, type SyncConnector } from "@flyte-ts/core/plugin";
import { describe, expect, test } from "vitest";
import { passing, requestOf, Surroundings } from "./connector-surroundings.ts";

/** A service that does what it is asked, each time it is asked. */
class Charges implements SyncConnector {
  readonly name = "Charges";
  readonly repeatable: NonNullable<SyncConnector["repeatable"]>;
  /** What the next calls do in the place of answering at once. */
  next: ((signal: AbortSignal) => Promise<void>) | undefined;
  made = 0;

  constructor(repeatable: boolean) {
    this.repeatable = () => repeatable;
  }

  async do({ signal }: Parameters<SyncConnector["do"]>[0]) {
    this.made += 1;
    const call = this.made;
    await this.next?.(signal);
    return { phase: "SUCCEEDED" as const, message: `call ${call}`, outputs: { rows: call } };
  }
}

const hang = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });

/** Whoever waits, until the job has ended. */
async function ended(around: Surroundings, host: ReturnType<Surroundings["host"]>, resourceMeta: Uint8Array) {
  const { category, clock } = around;
  for (let poll = 0; poll < 30; poll += 1) {
    const answer = await passing(clock, host.get({ category, resourceMeta }));
    if (["SUCCEEDED", "FAILED", "RETRYABLE_FAILED"].includes(answer.phase)) return answer;
    await clock.pass(10_000);
  }
  throw new Error("it does not end");
}

describe("a call that must not be made twice, as a job", () => {
  test("is made once, however often and wherever its creation is repeated", async () => {
    const connector = new Charges(false);
    const around = new Surroundings(connector);
    for (const host of [around.host(), around.host(), around.host()]) {
      const resourceMeta = await host.create(requestOf());
      expect(await ended(around, host, resourceMeta)).toMatchObject({ phase: "SUCCEEDED", message: "call 1" });
    }
    expect(connector.made).toBe(1);
    // another attempt is another call
    await around.host().create(requestOf({ attempt: 1, outputPrefix: "mem://bucket/metadata/e1/n0/data/1" }));
    expect(connector.made).toBe(2);
  });

  test("is waited for by another process that is asked meanwhile, which gives its answer", async () => {
    const connector = new Charges(false);
    const around = new Surroundings(connector);
    const { category, clock } = around;
    connector.next = () => clock.sleep(20_000);
    const [one, other] = [around.host(), around.host()];
    const resourceMeta = await passing(clock, one.create(requestOf(), { deadlineMs: 10_000 }));
    expect((await passing(clock, other.get({ category, resourceMeta }))).phase).toBe("INITIALIZING");
    await clock.pass(20_000);
    expect(await ended(around, other, resourceMeta)).toMatchObject({ phase: "SUCCEEDED", message: "call 1" });
    expect(connector.made).toBe(1);
  });

  test("of which nobody knows what came of it has failed: its process was killed, or its time was over", async () => {
    for (const killed of [true, false]) {
      const connector = new Charges(false);
      const around = new Surroundings(connector);
      const { clock } = around;
      connector.next = hang;
      const one = around.host();
      const resourceMeta = await passing(clock, one.create(requestOf(), { deadlineMs: 10_000 }));
      connector.next = undefined;
      const asked = killed ? around.host() : one;
      const { phase, message } = await ended(around, asked, resourceMeta);
      expect([phase, message]).toEqual(["FAILED", expect.stringContaining("it may have been done")]);
      expect(connector.made).toBe(1);
    }
  });

  test("is not made while the store cannot be told so, and is where it never can be", async () => {
    const connector = new Charges(false);
    const around = new Surroundings(connector);
    const { clock, memory } = around;
    const write = memory.write.bind(memory);
    memory.write = async () => {
      throw new FlyteError("Unavailable", "the store is away");
    };
    const host = around.host();
    const resourceMeta = await passing(clock, host.create(requestOf()));
    expect(connector.made).toBe(0);
    memory.write = write;
    expect((await ended(around, host, resourceMeta)).phase).toBe("SUCCEEDED");
    memory.write = async () => {
      throw new FlyteError("PermissionDenied", "read only");
    };
    const next = await host.create(requestOf({ outputPrefix: "mem://bucket/metadata/e1/n1/data/0" }));
    expect((await ended(around, host, next)).phase).toBe("SUCCEEDED");
    expect(connector.made).toBe(2);
  });
});

test("a call that may be repeated is, by another process that is asked meanwhile", async () => {
  const connector = new Charges(true);
  const around = new Surroundings(connector);
  const { clock } = around;
  connector.next = hang;
  const resourceMeta = await passing(clock, around.host().create(requestOf(), { deadlineMs: 10_000 }));
  connector.next = undefined;
  expect((await ended(around, around.host(), resourceMeta)).message).toBe("call 2");
  expect([...around.memory.objects.keys()]).toEqual([]);
});

test.each([
  [true, "RETRYABLE_FAILED"],
  [false, "FAILED"],
] as const)("a call whose caller's time is over (repeatable: %s) is %s", async (repeatable, phase) => {
  const connector = new Charges(repeatable);
  const around = new Surroundings(connector);
  const { clock } = around;
  connector.next = hang;
  const answer = await passing(clock, around.host().do(requestOf(), { deadlineMs: 10_000 }));
  expect(answer.phase).toBe(phase);
  expect(answer.message.includes("it may have been done")).toBe(!repeatable);
  // what the connector itself knows not to have been done is another matter
  connector.next = async () => {
    throw new FlyteError("Unavailable", "nobody listens there");
  };
  expect((await around.host().do(requestOf(), { deadlineMs: 10_000 })).phase).toBe("RETRYABLE_FAILED");
});
