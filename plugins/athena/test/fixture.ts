import { type Types, t } from "@flyte-ts/core";
import type { CreateContext } from "@flyte-ts/core/plugin";
import { type CallChanges, createContext, literalsOf, templateOf } from "@flyte-ts/core/testing";
import { afterAll } from "vitest";
import { sdkClients } from "../src/client.ts";
import { AthenaConnector } from "../src/connector.ts";
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
  readonly context?: CallChanges;
}

let keys = 0;

/** The context of a `create`; each with a key of its own. */
export async function queryContext(custom: object, parts: CallParts = {}): Promise<CreateContext> {
  const { type = "athena", inputs = {}, outputs = { results: t.dataset() }, values = {}, context } = parts;
  return createContext(templateOf({ type, inputs, outputs, custom }), {
    inputs: await literalsOf(inputs, values),
    outputPrefix: "s3://outputs/run/n0/0",
    idempotencyKey: String(++keys).padStart(64, "0"),
    ...context,
  });
}
