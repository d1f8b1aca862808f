import assert from "node:assert/strict";
import { FlyteError, LiteralMap, type Resource, TaskTemplate } from "@flyte-ts/core/plugin";
import { type ConnectorSubject, connectorContract } from "@flyte-ts/core/testing";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { QueryConnector, type QueryMeta, QueryVendor, VendorError } from "./query-vendor.ts";

type Make = (vendor: QueryVendor) => QueryConnector;
type Context<M extends "create" | "get" | "delete"> = Parameters<QueryConnector[M]>[0];

function subjectOf(make: Make): ConnectorSubject {
  const vendor = new QueryVendor();
  return {
    connector: make(vendor),
    restarted: () => make(vendor),
    vendor,
    template: TaskTemplate.fromJson({
      id: { project: "p", domain: "d", name: "query", version: "v1" },
      type: "query",
      interface: {
        inputs: { variables: { x: { type: { simple: "INTEGER" } } } },
        outputs: { variables: { rows: { type: { simple: "INTEGER" } } } },
      },
    }),
    inputs: { x: 3n },
    check: (outputs) => {
      assert.deepEqual(outputs && LiteralMap.toJson(outputs), {
        literals: { rows: { scalar: { primitive: { integer: "7" } } } },
      });
    },
    olderMetas: [{ version: 1, of: (meta) => ({ id: (meta as QueryMeta).query }) }],
  };
}

const good: Make = (vendor) => new QueryConnector(vendor);

class WithoutFind extends QueryConnector {
  override readonly find = undefined as never;
}

describe("the suite of connectors passes one that does all it should", () => {
  connectorContract({ test, subject: async () => subjectOf(good) });
});

describe("the suite of connectors passes one whose vendor cannot be asked by a key", () => {
  connectorContract({ test, subject: async () => subjectOf((vendor) => new WithoutFind(vendor)) });
});

const refusesToTell = "a vendor that refuses to tell is asked for minutes, and the attempt is given up in its words";

/** A connector that maps one of the vendor's statuses to something else. */
const mapping = (status: number, to: (message: string) => FlyteError): Make =>
  class extends QueryConnector {
    override mapped(error: unknown): unknown {
      return error instanceof VendorError && error.status === status ? to(error.message) : super.mapped(error);
    }
    static make: Make = (vendor) => new this(vendor);
  }.make;

/** A connector whose answers are changed. */
const answering = (change: (resource: Resource, state: string) => Resource): Make =>
  class extends QueryConnector {
    override resource(job: Parameters<QueryConnector["resource"]>[0]): Resource {
      return change(super.resource(job), job.state);
    }
    static make: Make = (vendor) => new this(vendor);
  }.make;

const startsAnother: Make = (vendor) =>
  new (class extends WithoutFind {
    override async create({ idempotencyKey: key }: Context<"create">) {
      vendor.kept.push({ key, state: "queued", message: "" });
      return { query: key };
    }
  })(vendor);

const looksFirst: Make = (vendor) =>
  new (class extends QueryConnector {
    override async create(context: Context<"create">) {
      const found = await this.find(context);
      const { idempotencyKey: key } = context;
      if (found === undefined) vendor.kept.push({ key, state: "queued", message: "" });
      return { query: key };
    }
  })(vendor);

const takesNoDuplicate: Make = (vendor) =>
  new (class extends WithoutFind {
    override async create(context: Context<"create">) {
      await vendor.insert(context.idempotencyKey, await this.credential(context)).catch((error: unknown) => {
        throw this.mapped(error);
      });
      return { query: context.idempotencyKey };
    }
  })(vendor);

const inThePlaceOfKey = (key: (context: Context<"create">) => string): Make =>
  class extends QueryConnector {
    override create(context: Context<"create">) {
      return super.create({ ...context, idempotencyKey: key(context) });
    }
    override find(context: Context<"create">) {
      return super.find({ ...context, idempotencyKey: key(context) });
    }
    static make: Make = (vendor) => new this(vendor);
  }.make;

const stopping = (
  run: (connector: QueryConnector, context: Context<"delete">) => Promise<void>,
  Base = QueryConnector,
) =>
  class extends Base {
    override delete(context: Context<"delete">): Promise<void> {
      return run(new QueryConnector(this.vendor), context);
    }
    static make: Make = (vendor) => new this(vendor);
  }.make;

const unavailable = (message: string): FlyteError => new FlyteError("Unavailable", message);
const final = (message: string): FlyteError => new FlyteError("TaskFailed", message);
const stopsNothing = stopping(async () => {});
const hidesFaults = stopping((connector, context) => connector.delete(context).catch(() => {}));

const remembers: Make = (vendor) =>
  new (class extends QueryConnector {
    readonly #mine = new Set<string>();
    override async create(context: Context<"create">) {
      this.#mine.add(context.idempotencyKey);
      return super.create(context);
    }
    override async get(context: Context<"get">) {
      if (this.#mine.has(context.meta.query)) return super.get(context);
      throw new FlyteError("NotFound", "not one of mine");
    }
  })(vendor);

const impatient: Make = (vendor) =>
  new (class extends QueryConnector {
    override async get(context: Context<"get">) {
      const late = context.clock.sleep(2_000).then((): never => {
        throw final("no answer within 2 s");
      });
      late.catch(() => {});
      return Promise.race([super.get(context), late]);
    }
  })(vendor);

const brokenConnections: Make = (vendor) =>
  new (class extends QueryConnector {
    override mapped(error: unknown): unknown {
      return error instanceof VendorError ? super.mapped(error) : final("the connection broke");
    }
  })(vendor);

const asksMoreAndMore: Make = (vendor) =>
  new (class extends QueryConnector {
    #times = 0;
    override async get(context: Context<"get">) {
      this.#times += 1;
      for (let time = 1; time < this.#times; time += 1) await super.get(context);
      return super.get(context);
    }
  })(vendor);

const asksAgain: Make = (vendor) =>
  new (class extends QueryConnector {
    override async get(context: Context<"get">): Promise<Resource> {
      const throttled = (error: unknown) => error instanceof FlyteError && error.code === "Throttled";
      return super.get(context).catch((error: unknown) => {
        if (throttled(error)) return super.get(context);
        throw error;
      });
    }
  })(vendor);

const describesItself = (meta: Partial<QueryConnector["meta"]>): Make =>
  class extends QueryConnector {
    override readonly meta = {
      version: 2,
      schema: v.object({ query: v.string() }),
      upgrade: (old: unknown) => ({ query: (old as { readonly id: string }).id }),
      ...meta,
    } as QueryConnector["meta"];
    static make: Make = (vendor) => new this(vendor);
  }.make;

const keepsItsToken: Make = (vendor) =>
  new (class extends QueryConnector {
    override async create(context: Context<"create">) {
      const { token } = await this.credential(context);
      return { ...(await super.create(context)), token };
    }
  })(vendor);

const linksNowhere: Make = (vendor) =>
  new (class extends QueryConnector {
    override logLinks({ query }: QueryMeta) {
      return [{ name: "Query", uri: `/queries/${query}` }];
    }
  })(vendor);

const withoutWaiting = mapping(429, (message) => new FlyteError("Throttled", message));
const starts = (what: string): readonly string[] => [
  `a create ${what} is no failure, and comes to one job`,
  `a create ${what}, again and again, comes to one job when the vendor is well`,
  `a create ${what} comes to one job after a restart`,
];
const before = (kind: string): string => `a job is stopped before anybody knows that it was started (${kind})`;
const asIt = (what: string): string => `a job whose vendor ${what} is what it was, until the vendor is well`;

/** Every case, and a connector with a bug that it finds. */
const bugs: readonly (readonly [string, string, Make])[] = [
  ...(
    [
      ["that cuts the key", inThePlaceOfKey(({ idempotencyKey }) => idempotencyKey.slice(0, 16))],
      ["that forgets the outputs", answering(({ outputs: _, ...rest }) => rest)],
    ] as const
  ).map(
    ([bug, make]) =>
      ["a job is started under the key of its attempt, asked for, and gives its outputs", bug, make] as const,
  ),
  [
    "a create that is repeated, at once, later, and in another process, gives the one job",
    "that starts another one each time",
    startsAnother,
  ],
  ["two processes that create at once give the one job", "that looks whether there is one, and starts one", looksFirst],
  ...["whose answer is lost", "that is not answered in time"].flatMap((what) =>
    starts(what).map((name) => [name, "that fails for a duplicate", takesNoDuplicate] as const),
  ),
  ...starts("that meets a vendor's fault").map((name) => [name, "that fails for a 503", mapping(503, final)] as const),
  ...starts("that is throttled").map((name) => [name, "that fails for a 429", mapping(429, final)] as const),
  ["every call may come to another process", "that remembers its jobs", remembers],
  [
    "attempts, and two calls of one node, are jobs of their own",
    "that takes the node's key",
    inThePlaceOfKey(({ nodeKey }) => nodeKey),
  ],
  ["a job whose create was never heard of is gone when the next attempt runs", "that stops nothing", stopsNothing],
  [
    "a create that the vendor finds wrong is FAILED, with the vendor's words",
    "that takes a mistake for a fault",
    mapping(400, unavailable),
  ],
  [asIt("does not answer (5xx)"), "that fails for a 503", mapping(503, final)],
  [asIt("says that there are too many requests"), "that fails for a 429", mapping(429, final)],
  [asIt("loses its answers"), "that fails for a broken connection", brokenConnections],
  [asIt("hangs"), "that calls a late answer the user's fault", impatient],
  ["a throttled vendor is left alone for as long as it says", "that does not tell how long", withoutWaiting],
  [
    "a throttled vendor that does not say for how long is asked once a poll, and left alone for a moment",
    "that asks again by itself",
    asksAgain,
  ],
  [
    "a job does not go back",
    "that does not know a state",
    answering((resource, state) => {
      if (state !== "queued") return resource;
      throw final(`the state ${state}?`);
    }),
  ],
  [
    "a job that waits at the vendor is not running yet",
    "that says so",
    answering((resource, state) => (state === "queued" ? { ...resource, phase: "RUNNING" } : resource)),
  ],
  ["a job that fails says why", "that does not", answering(({ message: _, ...rest }) => rest)],
  [
    "a job that was stopped at the vendor has ended",
    "that goes on with it",
    answering((resource, state) => (state === "cancelled" ? { ...resource, phase: "RUNNING" } : resource)),
  ],
  [
    "a job that the vendor does not know, or no more, may be tried again",
    "that takes a 404 for a fault",
    mapping(404, unavailable),
  ],
  [refusesToTell, "that takes it for the job's end", mapping(403, (message) => new FlyteError("TaskFailed", message))],
  [refusesToTell, "that waits for ever", mapping(403, unavailable)],
  ["the job's page is in the first answer that is recorded", "that links to nowhere", linksNowhere],
  ["polls at once are one request", "that asks more and more", asksMoreAndMore],
  ["a job is stopped, as often as that is asked for, and has ended then", "that stops nothing", stopsNothing],
  [
    "a job that has ended is left as it is: its results are the user's",
    "that removes it",
    stopping(async ({ vendor }, { meta }) => vendor.set(meta.query, "cancelled")),
  ],
  ...["unavailable", "throttle"].map(
    (kind) => [before(kind), "that stops nothing", stopping(async () => {}, WithoutFind)] as const,
  ),
  ...["lose", "hang"].map((kind) => [before(kind), "that stops nothing", stopsNothing] as const),
  ["a job is stopped although the vendor has a bad moment", "that hides its faults", hidesFaults],
  [
    "a vendor that cannot stop a job is an error that says to ask again, and asking again helps",
    "that hides its faults",
    hidesFaults,
  ],
  ["an attempt that is retried leaves nothing of the one before", "that stops nothing", stopsNothing],
  ["no secret stands in a meta, an answer, an error or a log line", "that keeps its token", keepsItsToken],
  [
    "a meta is small, and is read back as it was written",
    "whose schema does not take it",
    describesItself({ schema: v.object({ query: v.pipe(v.string(), v.maxLength(3)) }) }),
  ],
  [
    "a meta of an earlier version of the connector is read",
    "that cannot upgrade one",
    describesItself({ upgrade: undefined }),
  ],
  [
    "outputs that are too big for an answer are written, and the same",
    "that gives others",
    answering((resource, state) => (state === "succeeded" ? { ...resource, outputs: { rows: 8 } } : resource)),
  ],
];

function casesOf(make: Make): Map<string, () => Promise<void>> {
  const cases = new Map<string, () => Promise<void>>();
  connectorContract({ test: (name, run) => cases.set(name, run), subject: async () => subjectOf(make) });
  return cases;
}

describe("the suite of connectors", () => {
  test("has a bug for every case", () => {
    expect([...new Set(bugs.map(([name]) => name))].sort()).toEqual([...casesOf(good).keys()].sort());
  });

  test.each(bugs)("%s: finds one %s", async (name, _, make) => {
    // it is the case that finds it, and not a fault of the suite's own
    const finds = (error: unknown) => error instanceof assert.AssertionError || FlyteError.is(error);
    await expect(casesOf(make).get(name)?.()).rejects.toSatisfy(finds);
  });
});
