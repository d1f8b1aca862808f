/** Sensors on a real Flyte, in both forms: in a pod, and in our connector service, which holds no pod for them. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ConnectorService } from "../src/flyte/connector-service.ts";
import { Inside } from "../src/flyte/inside.ts";
import { projectFolder } from "../src/flyte/project.ts";
import { Session } from "../src/flyte/session.ts";
import * as flows from "../src/sensor-workflows.ts";

const session = new Session();
let inside: Inside;
let service: ConnectorService;
let store: string;
let version: string;

beforeAll(async () => {
  inside = new Inside(session.cluster);
  store = await inside.ask("variable", { name: "FLYTE_AWS_ENDPOINT" });
  service = new ConnectorService(session.cluster, inside, {
    plugins: ["@flyte-ts/object-store-sensor"],
    env: {},
    folder: session.folder,
  });
  await service.startBeforePropeller();
  version = await session.registerFile({
    file: "interop/src/sensor-workflows.ts",
    module: join(projectFolder, "sensor-workflows.ts"),
  });
});

afterAll(async () => {
  await service.kill();
  await inside.close();
});

const { podWaits, serviceWaits, podGivesUp, serviceGivesUp } = flows;
type Flow = typeof podWaits | typeof serviceWaits | typeof podGivesUp | typeof serviceGivesUp;

const launched = (flow: Flow, key: string): Promise<string> =>
  session.launch(
    { workflow: flow.name, version },
    { path: { scalar: { primitive: { stringValue: `s3://flyte/${key}` } } } },
  );

const put = (key: string, body: string) => inside.ask("fetch", { url: `${store}/flyte/${key}`, method: "PUT", body });

/** The tasks of an execution whose sensor is at work. */
const running = (execution: string) =>
  session.client.until(
    "the sensor at work",
    () => session.client.nodes(execution),
    ([first]) => first?.attempts[0]?.phase === "RUNNING",
  );

describe.each([
  { form: "a pod", waits: podWaits, givesUp: podGivesUp, pods: 3 },
  { form: "the connector service", waits: serviceWaits, givesUp: serviceGivesUp, pods: 2 },
])("a sensor in $form", ({ waits, givesUp, pods }) => {
  test("waits until the file lands, and the workflow goes on with it", async () => {
    const key = `awaited/${randomUUID()}`;
    const execution = await launched(waits, key);
    await running(execution);
    await put(key, "Hello World!");
    expect(await session.client.ended(execution)).toMatchObject({ phase: "SUCCEEDED", error: null });
    const outputs = await session.outputs(execution, waits.outputs);
    const containers = Object.keys(await session.client.exitCodes(execution));
    console.log(`${waits.name}: execution ${execution} ${JSON.stringify(outputs)}, ${containers.length} containers`);
    expect(outputs).toEqual({ o0: "Hello World!" });
    expect(containers).toHaveLength(pods);
  });

  test("fails when its time is up, and says for what it waited", async () => {
    const key = `never/${randomUUID()}`;
    const execution = await launched(givesUp, key);
    const { phase, error } = await session.client.ended(execution);
    console.log(`${givesUp.name}: execution ${execution}, ${phase} ${JSON.stringify(error)}`);
    expect(phase).toBe("FAILED");
    expect(error?.kind).toBe("USER");
    expect(error?.message).toContain(key);
  });

  test("ends when the execution is aborted", async () => {
    const execution = await launched(waits, `aborted/${randomUUID()}`);
    await running(execution);
    await session.client.abort(execution, "nobody waits for it any more");
    expect(await session.client.ended(execution)).toMatchObject({ phase: "ABORTED" });
    const ended = (codes: Readonly<Record<string, number>>) => Object.keys(codes).length === pods - 2;
    const codes = await session.client.until("its pod's end", () => session.client.exitCodes(execution), ended);
    console.log(`${waits.name}: execution ${execution}, aborted, exit codes ${JSON.stringify(codes)}`);
    expect(Object.values(codes)).toEqual(pods === 3 ? [143] : []);
  });
});
