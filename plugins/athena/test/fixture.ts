import { type Types, t } from "@flyte-ts/core";
import {
  type CreateContext,
  FlyteContext,
  FlyteError,
  type JobContext,
  LiteralMap,
  localTaskContext,
  silentLog,
  systemClock,
  TaskTemplate,
} from "@flyte-ts/core/plugin";
import { afterAll } from "vitest";
import { sdkClients } from "../src/client.ts";
import { AthenaConnector } from "../src/connector.ts";
import type { JobMeta } from "../src/job/job-meta.ts";
import { AthenaDouble } from "./athena-double.ts";

/** Keys that no service takes for real. */
const credentials = { accessKeyId: "test", secretAccessKey: "not-secret-not-secret" };

/** The connector over the real SDK, whose Athena is the double. */
export const connectorOf = (double: AthenaDouble): AthenaConnector =>
  new AthenaConnector({ clients: sdkClients({ endpoint: double.endpoint, region: "eu-central-1", credentials }) });

/** A double that stops after the file's tests. */
export async function testDouble(): Promise<AthenaDouble> {
  const double = await AthenaDouble.start();
  afterAll(() => double.stop());
  return double;
}

/** What a call is made of, besides its template. */
export interface CallParts {
  readonly type?: string;
  readonly inputs?: Types;
  readonly outputs?: Types;
  readonly values?: Readonly<Record<string, unknown>>;
  readonly context?: Partial<CreateContext>;
}

let keys = 0;

/** The context of a `create`; each with a key of its own. */
export async function createContext(custom: object, parts: CallParts = {}): Promise<CreateContext> {
  const { type = "athena", inputs = {}, outputs = { results: t.dataset() }, values = {} } = parts;
  const variables = (types: Types) => ({
    variables: Object.fromEntries(
      Object.entries(types).map(([name, { literalType }]) => [name, { type: literalType }]),
    ),
  });
  const template = TaskTemplate.create({
    type,
    interface: { inputs: variables(inputs), outputs: variables(outputs) },
  });
  const { storage, datasets, types } = FlyteContext.default();
  const local = await localTaskContext({ task: "test" });
  const natives = async (): Promise<Record<string, unknown>> => {
    const entries = Object.entries(inputs).map(async ([name, declared]) => {
      const literal = await declared.toLiteral(values[name], local);
      return [name, await types.guess(declared.literalType).toNative(literal, local)] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  };
  return {
    category: { name: type, version: 0 },
    outputPrefix: "s3://outputs/run/n0/0",
    secrets: {
      async get({ key }) {
        throw new FlyteError("NotFound", `no secret "${key}"`);
      },
    },
    signal: new AbortController().signal,
    clock: systemClock,
    log: silentLog,
    storage,
    datasets,
    types,
    template: { ...template, custom: JSON.parse(JSON.stringify(custom)) },
    inputs: LiteralMap.create(),
    nativeInputs: natives,
    idempotencyKey: String(++keys).padStart(64, "0"),
    nodeKey: "cd".repeat(32),
    attempt: 0,
    metadata: {
      project: "p",
      domain: "d",
      execution: "e",
      node: "n",
      namespace: "p-d",
      labels: {},
      annotations: {},
      serviceAccount: "",
      environment: {},
      user: "",
    },
    ...parts.context,
  };
}

/** The context of a call about a job. */
export const jobContext = (created: CreateContext, meta: JobMeta): JobContext<JobMeta> => ({ ...created, meta });

/** What a call fails with. */
export async function failureOf(promise: Promise<unknown>): Promise<FlyteError> {
  const result = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("error" in result && FlyteError.is(result.error)) return result.error;
  throw new Error(`no FlyteError, but ${JSON.stringify(result)}`);
}
