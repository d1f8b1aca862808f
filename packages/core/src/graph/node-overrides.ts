import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";
import type { Accelerator } from "../pod/accelerators.ts";
import { checkPodTemplate, type PodTemplate } from "../pod/pod-template.ts";
import { checkExtended, checkResources, type ResourceAmounts } from "../pod/resources.ts";
import type { CacheOptions } from "../task/task-metadata.ts";
import type { Node } from "./node.ts";
import { isVariable } from "./variables.ts";

/** What one call of an entity may say otherwise than the entity itself. What is left out stays as it is. */
export interface NodeOverrides {
  /** The node's id, in the place of `n0`, `n1`, …: lower-case letters, digits and `-`. */
  readonly nodeName?: string;
  /** The name that the console shows. */
  readonly name?: string;
  /** Other names for outputs on the platform, by the output's own name, which stays the one to use here. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** What the container asks for. Above the task's own limits it is cut to them, unless limits are given too. */
  readonly requests?: ResourceAmounts;
  readonly limits?: ResourceAmounts;
  /** The most that one attempt may take, in milliseconds; 0 for no limit. */
  readonly timeout?: number;
  readonly retries?: number;
  readonly interruptible?: boolean;
  /** The cache version, the cache's options, or `false` for no cache. */
  readonly cache?: false | string | Omit<CacheOptions, "ignoredInputs">;
  /** The image of the task's container. */
  readonly containerImage?: string;
  readonly accelerator?: Accelerator;
  readonly sharedMemory?: true | string;
  readonly podTemplate?: PodTemplate;
  /**
   * The task's config, of the class that it has already. A task is registered once, so this holds for all its nodes, as
   * in flytekit.
   */
  readonly taskConfig?: object;
}

const keys: readonly (keyof NodeOverrides)[] = [
  "nodeName",
  "name",
  "aliases",
  "requests",
  "limits",
  "timeout",
  "retries",
  "interruptible",
  "cache",
  "containerImage",
  "accelerator",
  "sharedMemory",
  "podTemplate",
  "taskConfig",
];

const nodeId = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** An entity whose config a call may replace. */
export interface Reconfigurable {
  overrideConfig(config: object): void;
}

/**
 * Notes what a call says otherwise. A second call of it adds to the first.
 * @throws FlyteError `InvalidDefinition` that names the node and the override.
 */
export function overrideNode(node: Node, overrides: NodeOverrides): void {
  const owner = `${node.id} (${node.entity.name})`;
  const bad = (key: string, value: unknown, right: string): FlyteError =>
    new FlyteError("InvalidDefinition", `${owner}: the override ${key} is ${shown(value)}; it must be ${right}`);
  for (const key of Object.keys(overrides)) {
    if ((keys as readonly string[]).includes(key)) continue;
    throw new FlyteError("InvalidDefinition", `${owner}: there is no override "${key}"; there are ${keys.join(", ")}`);
  }
  const { nodeName, name, aliases = {}, requests, limits, timeout, retries, cache, containerImage } = overrides;
  if (nodeName !== undefined) {
    if (typeof nodeName !== "string" || !nodeId.test(nodeName)) {
      throw bad("nodeName", nodeName, "a letter, then lower-case letters, digits and -, 63 at most");
    }
    if (nodeName === "efn" || nodeName === "start-node" || nodeName === "end-node") {
      throw bad("nodeName", nodeName, "another name: Flyte has a node of this one");
    }
  }
  if (name !== undefined && (typeof name !== "string" || name === "")) throw bad("name", name, "a name");
  for (const [output, alias] of Object.entries(aliases)) {
    const place = `aliases.${output}`;
    const outputs = Object.keys(node.entity.outputs);
    if (!outputs.includes(output)) throw bad(place, alias, `left out: the outputs are ${outputs.join(", ") || "none"}`);
    if (typeof alias !== "string" || !isVariable(alias)) throw bad(place, alias, "a name: letters, digits and _");
    const others = outputs.filter((other) => other !== output).map((other) => aliases[other] ?? other);
    if (others.includes(alias)) throw bad(place, alias, "a name that no other output has");
  }
  const resources = { ...(requests === undefined ? {} : { requests }), ...(limits === undefined ? {} : { limits }) };
  checkResources(`${owner}, overrides`, resources);
  checkExtended(`${owner}, overrides`, overrides);
  if (overrides.podTemplate !== undefined) checkPodTemplate(`${owner}, overrides`, overrides.podTemplate);
  if (timeout !== undefined && !(timeout >= 0 && Number.isFinite(timeout))) {
    throw bad("timeout", timeout, "milliseconds, 0 for no limit");
  }
  if (retries !== undefined) checkRetries(node, retries, bad);
  const version = typeof cache === "object" ? cache.version : cache;
  if (version === "" || (cache !== undefined && version !== false && typeof version !== "string")) {
    throw bad("cache", cache, "false, a version, or options with a version");
  }
  if (containerImage !== undefined && (typeof containerImage !== "string" || containerImage === "")) {
    throw bad("containerImage", containerImage, "an image's name");
  }
  if (overrides.taskConfig !== undefined) {
    if (!isReconfigurable(node.entity)) throw bad("taskConfig", overrides.taskConfig, "left out: this is no task");
    node.entity.overrideConfig(overrides.taskConfig);
  }
  node.overrides = { ...node.overrides, ...defined(overrides) };
  if (nodeName !== undefined) node.id = nodeName;
}

/** Propeller takes a node's 0 for nothing at all, and the task's own retries then count. */
function checkRetries(
  { entity }: Node,
  retries: number,
  bad: (key: string, value: unknown, right: string) => FlyteError,
): void {
  if (!(Number.isInteger(retries) && retries >= 0)) throw bad("retries", retries, "0 or more");
  const own = "options" in entity ? (entity.options as { readonly retries?: number }).retries : undefined;
  if (retries > 0 || own === undefined || own === 0) return;
  throw bad("retries", 0, `above 0, as Flyte would leave the task's own ${own}; say retries in the task`);
}

const isReconfigurable = (entity: object): entity is Reconfigurable => "overrideConfig" in entity;

const defined = (overrides: NodeOverrides): NodeOverrides =>
  Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
