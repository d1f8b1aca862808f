import type { Natives, Types } from "@flyte-ts/core";
import {
  type ConnectorContext,
  type CreateContext,
  FlyteError,
  type JobContext,
  LiteralMap,
  localTaskContext,
  Secret,
  silentLog,
  systemClock,
  type TaskTemplate,
  toNatives,
} from "@flyte-ts/core/plugin";
import { onTestFinished } from "vitest";
import { BigQueryConnector } from "../src/connector.ts";
import type { JobMeta } from "../src/job-meta.ts";
import { BigQueryDouble } from "./bigquery-double.ts";

/** What a test may change of the surroundings of a call. */
export interface CallChanges extends Partial<Pick<ConnectorContext, "signal" | "clock" | "connection">> {
  readonly key?: string;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly metadata?: Partial<CreateContext["metadata"]>;
}

/** A key of an attempt. */
export const aKey: string = "ab".repeat(32);

const noSignal = new AbortController().signal;

async function surroundings({ signal = noSignal, clock = systemClock, connection, secrets = {} }: CallChanges) {
  const { storage, datasets, types } = await localTaskContext({ task: "t" });
  return {
    category: { name: "bigquery_query_job_task", version: 0 },
    outputPrefix: "/tmp/none",
    connection,
    signal,
    clock,
    log: silentLog,
    storage,
    datasets,
    types,
    secrets: {
      get: async ({ key }: { readonly key: string }) => {
        const text = secrets[key];
        if (text === undefined) throw new FlyteError("NotFound", `no secret "${key}"`);
        return new Secret(text);
      },
    },
  };
}

/** A task with its inputs, as it is defined. */
export interface DefinedTask<Inputs extends Types> {
  readonly inputs: Inputs;
  template(settings: { project: string; domain: string; version: string; module: string }): TaskTemplate;
}

/** What a task's `create` gets: its template, and native inputs as literals. */
export async function createContext<Inputs extends Types>(
  task: DefinedTask<Inputs>,
  inputs: Natives<Inputs>,
  changes: CallChanges = {},
): Promise<CreateContext> {
  const conversion = await localTaskContext({ task: "t" });
  const entries = Object.entries(task.inputs).map(
    async ([name, type]) =>
      [name, await type.toLiteral((inputs as Record<string, unknown>)[name], conversion)] as const,
  );
  const literals = Object.fromEntries(await Promise.all(entries));
  return templateContext(task.template({ project: "p", domain: "d", version: "v1", module: "" }), literals, changes);
}

/** What `create` gets with a template and literals. */
export async function templateContext(
  template: TaskTemplate,
  literals: LiteralMap["literals"] = {},
  changes: CallChanges = {},
): Promise<CreateContext> {
  const around = await surroundings(changes);
  const variables = Object.entries(template.interface?.inputs?.variables ?? {});
  return {
    ...around,
    template,
    inputs: LiteralMap.create({ literals }),
    nativeInputs: async () =>
      toNatives(
        literals,
        Object.fromEntries(variables.flatMap(([name, { type }]) => (type ? [[name, around.types.guess(type)]] : []))),
        await localTaskContext({ task: "t" }),
      ),
    idempotencyKey: changes.key ?? aKey,
    nodeKey: aKey,
    attempt: 0,
    metadata: {
      project: "p",
      domain: "d",
      execution: "e1",
      node: "n0",
      namespace: "p-d",
      labels: {},
      annotations: {},
      serviceAccount: "",
      environment: {},
      user: "",
      ...changes.metadata,
    },
  };
}

/** What `get` and `delete` get. */
export async function metaContext(meta: JobMeta, changes: CallChanges = {}): Promise<JobContext<JobMeta>> {
  return { ...(await surroundings(changes)), meta, idempotencyKey: changes.key ?? aKey };
}

/** A double of BigQuery and a connector before it, which end with the test. */
export async function startDouble(): Promise<{
  readonly double: BigQueryDouble;
  readonly connector: BigQueryConnector;
}> {
  const double = await new BigQueryDouble().start();
  onTestFinished(() => double.close());
  return { double, connector: new BigQueryConnector({ endpoint: double.endpoint }) };
}

/** The FlyteError that a promise ends with. */
export async function failureOf(promise: Promise<unknown>): Promise<FlyteError> {
  const [settled] = await Promise.allSettled([promise]);
  if (settled.status === "rejected" && FlyteError.is(settled.reason)) return settled.reason;
  throw settled.status === "rejected" ? settled.reason : new Error("nothing was thrown");
}
