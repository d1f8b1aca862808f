import assert from "node:assert/strict";
import {
  type CreateContext,
  FlyteError,
  LiteralMap,
  type Resource,
  type SyncConnector,
  TaskTemplate,
} from "@flyte-ts/core/plugin";
import { type SyncConnectorSubject, type SyncVendorDouble, syncConnectorContract } from "@flyte-ts/core/testing";
import { describe, expect, test } from "vitest";
import { QueryConnector, QueryVendor, type VendorRequest } from "./query-vendor.ts";

/** A service that answers at once: what of the query service its `get` is. */
class AnswerVendor implements SyncVendorDouble {
  readonly inner = new QueryVendor();
  readonly tellsRetryAfter = true;
  get requests(): number {
    return this.inner.requests.get;
  }
  fault(fault: Parameters<SyncVendorDouble["fault"]>[0]): void {
    this.inner.fault({ ...fault, on: "get" });
  }
  mend(): void {
    this.inner.mend();
  }
  twice(x: bigint, request: VendorRequest): Promise<bigint> {
    return this.inner.request("get", request, () => 2n * x);
  }
}

/** A connector that does all it should. */
class Twice implements SyncConnector {
  readonly name = "Twice";
  readonly vendor: AnswerVendor;
  readonly helper = new QueryConnector(new QueryVendor());

  constructor(vendor: AnswerVendor) {
    this.vendor = vendor;
  }

  async do(context: CreateContext): Promise<Resource> {
    const { x } = await context.nativeInputs();
    try {
      const y = await this.vendor.twice(x as bigint, await this.helper.credential(context));
      return { phase: "SUCCEEDED", outputs: { y } };
    } catch (error) {
      throw this.helper.mapped(error);
    }
  }
}

type Make = (vendor: AnswerVendor) => SyncConnector;

function subjectOf(make: Make): SyncConnectorSubject {
  const vendor = new AnswerVendor();
  return {
    connector: make(vendor),
    vendor,
    template: TaskTemplate.fromJson({
      id: { name: "twice", version: "v1" },
      type: "twice",
      interface: {
        inputs: { variables: { x: { type: { simple: "INTEGER" } } } },
        outputs: { variables: { y: { type: { simple: "INTEGER" } } } },
      },
    }),
    inputs: { x: 21n },
    check: (outputs) => {
      assert.deepEqual(outputs && LiteralMap.toJson(outputs), {
        literals: { y: { scalar: { primitive: { integer: "42" } } } },
      });
    },
  };
}

const good: Make = (vendor) => new Twice(vendor);

/** A connector with a bug. */
const wrong =
  (run: (connector: Twice, context: CreateContext, vendor: AnswerVendor) => Promise<Resource>): Make =>
  (vendor) => ({ name: "Wrong", do: (context) => run(new Twice(vendor), context, vendor) });

const finalFaults = wrong((connector, context) =>
  connector.do(context).catch((error: Error) => {
    throw new FlyteError("TaskFailed", error.message);
  }),
);
const passing = (kind: string): string =>
  `a vendor's passing fault may be tried again, and keeps the deadline (${kind})`;

const sharedInput = (() => {
  const make: Make = (vendor) => {
    let running = 0;
    return {
      name: "Shared",
      async do(context) {
        running += 1;
        await Promise.resolve();
        const others = running - 1;
        const answer = await new Twice(vendor).do(context).finally(() => (running -= 1));
        return others === 0 ? answer : { ...answer, outputs: { y: 0n } };
      },
    };
  };
  return make;
})();

/** Asks for its token once: a host that was not asked does not know what to keep to itself. */
const keepsToken: Make = (vendor) =>
  new (class extends Twice {
    #token: string | undefined;
    override async do(context: CreateContext): Promise<Resource> {
      this.#token ??= (await this.helper.credential(context)).token;
      const { x } = await context.nativeInputs();
      const { signal } = context;
      try {
        return { phase: "SUCCEEDED", outputs: { y: await vendor.twice(x as bigint, { token: this.#token, signal }) } };
      } catch (error) {
        throw this.helper.mapped(error);
      }
    }
  })(vendor);

/** Every case, and a connector with a bug that it finds. */
const bugs: readonly (readonly [string, string, Make])[] = [
  [
    "a task is one request, and gives its outputs",
    "that asks twice",
    wrong(async (connector, context) => {
      await connector.do(context);
      return connector.do(context);
    }),
  ],
  ["tasks at the same time do not meet", "that mixes them up", sharedInput],
  ...["unavailable", "throttle", "lose"].map((kind) => [passing(kind), "that fails for good", finalFaults] as const),
  [
    passing("hang"),
    "that calls a late answer the user's fault",
    wrong((connector, context) => {
      const late = context.clock.sleep(2_000).then((): never => {
        throw new FlyteError("Timeout", "no answer within 2 s");
      });
      late.catch(() => {});
      return Promise.race([connector.do(context), late]);
    }),
  ],
  [
    "what the vendor finds wrong is FAILED, with the vendor's words",
    "that hides them",
    wrong((connector, context) =>
      connector.do(context).catch(() => ({ phase: "FAILED", message: "something is wrong" })),
    ),
  ],
  ["no secret stands in an answer or a log line", "that keeps its token for later", keepsToken],
  [
    "outputs that are too big for an answer are written, and the same",
    "that gives others",
    wrong(async (connector, context) => ({ ...(await connector.do(context)), outputs: { y: 43n } })),
  ],
];

function casesOf(make: Make): Map<string, () => Promise<void>> {
  const cases = new Map<string, () => Promise<void>>();
  syncConnectorContract({ test: (name, run) => cases.set(name, run), subject: async () => subjectOf(make) });
  return cases;
}

describe("the suite of connectors that answer at once passes one that does all it should", () => {
  syncConnectorContract({ test, subject: async () => subjectOf(good) });
});

describe("the suite of connectors that answer at once", () => {
  test("has a bug for every case", () => {
    expect([...new Set(bugs.map(([name]) => name))].sort()).toEqual([...casesOf(good).keys()].sort());
  });

  test.each(bugs)("%s: finds one %s", async (name, _, make) => {
    // it is the case that finds it, and not a fault of the suite's own
    const finds = (error: unknown) => error instanceof assert.AssertionError || FlyteError.is(error);
    await expect(casesOf(make).get(name)?.()).rejects.toSatisfy(finds);
  });
});
