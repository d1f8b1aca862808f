import type { JsonObject } from "@bufbuild/protobuf";
import type { CreateContext, ExecutionMetadata, JobContext } from "../connector/connector-context.ts";
import { ConnectorRegistry } from "../connector/connector-registry.ts";
import { Secret } from "../connector/secret.ts";
import { createContext as hostsContext } from "../connector-calls/call-contexts.ts";
import { HostParts } from "../connector-calls/host-parts.ts";
import type { TaskRequest } from "../connector-calls/host-request.ts";
import { KeyedRequest } from "../connector-calls/keyed-request.ts";
import { LiveCall } from "../connector-calls/live-calls.ts";
import { silentLog } from "../context/log.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { localTaskContext } from "../local/local-context.ts";
import { toLiterals } from "../types/conversion.ts";
import type { Types } from "../types/type-transformer.ts";
import { interfaceMessage } from "../types/typed-interface.ts";
import { LiteralMap, TaskTemplate } from "../wire/messages.ts";

/** A task as far as a connector sees it. */
export interface TemplateParts {
  /** Flyte's routing key. */
  readonly type: string;
  /** None by default. */
  readonly inputs?: Types;
  /** None by default. */
  readonly outputs?: Types;
  /** What is JSON of it goes into `custom`. */
  readonly custom?: object;
}

/** The template of a task that no class of ours, or another SDK, has written. */
export function templateOf({ type, inputs = {}, outputs = {}, custom = {} }: TemplateParts): TaskTemplate {
  const json = JSON.parse(JSON.stringify(custom)) as JsonObject;
  return TaskTemplate.create({ type, interface: interfaceMessage({ inputs, outputs }), custom: json });
}

/** Native values as literals of their types, by name. */
export async function literalsOf(types: Types, values: Readonly<Record<string, unknown>>): Promise<LiteralMap> {
  await using context = await localTaskContext({ task: "test" });
  return toLiterals(values, types, context, "input");
}

/** What a request may say besides its template. */
export interface RequestChanges extends Partial<Omit<TaskRequest, "template" | "metadata">> {
  readonly metadata?: Partial<ExecutionMetadata>;
}

/** What a connector service is sent for a first attempt of node `n0` of an execution `e1` in `p` and `d`, without inputs. */
export function taskRequest(template: TaskTemplate, { metadata, ...changes }: RequestChanges = {}): TaskRequest {
  return {
    category: { name: template.type, version: template.taskTypeVersion },
    template,
    inputs: LiteralMap.create(),
    outputPrefix: "/nowhere/e1/n0/0",
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
      ...metadata,
    },
    ...changes,
  };
}

/** What a call may say besides its template. */
export interface CallChanges extends Partial<Omit<CreateContext, "template" | "metadata" | "secrets">> {
  readonly metadata?: Partial<ExecutionMetadata>;
  /** The texts of the secrets by key, whatever the group; others are not there. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** The context of a call of `create`, `find` or `do` as a host makes it, for tests of one method at a time. */
export function createContext(
  template: TaskTemplate,
  { metadata = {}, secrets = {}, ...changes }: CallChanges = {},
): CreateContext {
  const parts = new HostParts({
    log: silentLog,
    ...changes,
    registry: new ConnectorRegistry(),
    secrets: {
      get: async ({ key }) => {
        const text = secrets[key];
        if (text === undefined) throw new FlyteError("NotFound", `no secret "${key}"`);
        return new Secret(text);
      },
    },
  });
  const { context } = hostsContext(
    parts,
    new KeyedRequest(taskRequest(template, { ...changes, metadata })),
    new LiveCall(),
  );
  return { ...context, ...changes };
}

/** The context of a call about the job that a `create` has begun; as in a host, nothing of its request is left in it. */
export function jobContext<Meta>(
  { template: _t, inputs: _i, nativeInputs: _n, nodeKey: _k, attempt: _a, metadata: _m, ...context }: CreateContext,
  meta: Meta,
): JobContext<Meta> {
  return { ...context, meta };
}
