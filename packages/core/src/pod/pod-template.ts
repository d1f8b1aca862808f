import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import {
  type Container,
  type DataLoadingConfig,
  type K8sPod,
  K8sPodSchema,
  Resources_ResourceName as ResourceName,
} from "@flyte-ts/idl/core";
import { FlyteError } from "../errors/flyte-error.ts";
import { checkObjectMetadata, type ObjectMetadata } from "./labels.ts";

/** A container of a pod, as Kubernetes' JSON has it. */
export interface PodContainer {
  readonly name: string;
  readonly image?: string;
  readonly [field: string]: unknown;
}

/** A pod's specification, as Kubernetes' JSON has it (`core/v1 PodSpec`). */
export interface PodSpec {
  readonly containers?: readonly PodContainer[];
  readonly [field: string]: unknown;
}

/** The pod that a task runs in: other containers, volumes, tolerations, whatever Kubernetes knows. */
export interface PodTemplate extends ObjectMetadata {
  readonly spec?: PodSpec;
  /** The name of the container that is the task's own; `primary` by default. It is added where the spec lacks it. */
  readonly primaryContainerName?: string;
}

/** The key of `TaskTemplate.config` that propeller reads the primary container's name from. */
export const primaryContainerKey = "primary_container_name";

/** The name of the task's own container. */
export const primaryContainerOf = ({ primaryContainerName = "primary" }: PodTemplate): string => primaryContainerName;

const containerName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** @throws FlyteError `InvalidDefinition` for what no pod can be made of. */
export function checkPodTemplate(owner: string, template: PodTemplate): void {
  const bad = (message: string): FlyteError => new FlyteError("InvalidDefinition", `${owner}: podTemplate ${message}`);
  const { spec = {} } = template;
  const primary = primaryContainerOf(template);
  const containers = spec.containers ?? [];
  const names = [primary, ...containers.map(({ name }) => name)];
  for (const name of names) {
    if (typeof name === "string" && containerName.test(name)) continue;
    throw bad(`has a container "${name}"; a name has lower-case letters, digits and -, 63 at most`);
  }
  const twice = containers.find(({ name }, index) => containers.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw bad(`has two containers "${twice.name}"`);
  const without = containers.find(({ name, image }) => name !== primary && !image);
  if (without !== undefined) throw bad(`has a container "${without.name}" without an image`);
  checkObjectMetadata(owner, template);
  try {
    JSON.stringify(spec);
  } catch (error) {
    throw bad(`is no JSON: ${(error as Error).message}`);
  }
}

const resourceKeys: Readonly<Partial<Record<ResourceName, string>>> = {
  [ResourceName.CPU]: "cpu",
  // propeller puts the cluster's own name for a GPU in its place
  [ResourceName.GPU]: "gpu",
  [ResourceName.MEMORY]: "memory",
  [ResourceName.STORAGE]: "storage",
  [ResourceName.EPHEMERAL_STORAGE]: "ephemeral-storage",
};

/** The pod specification with the task's container in the place of the primary one (flytekit's `_serialize_pod_spec`). */
function podSpecJson(template: PodTemplate, container: Container): JsonObject {
  const primary = primaryContainerOf(template);
  const { containers = [], ...rest } = (template.spec ?? {}) as PodSpec;
  const all = containers.some(({ name }) => name === primary) ? containers : [...containers, { name: primary }];
  const merged = all.map((each) => (each.name === primary ? primaryContainer(each, container) : each));
  return JSON.parse(JSON.stringify({ ...rest, containers: merged })) as JsonObject;
}

function primaryContainer(given: PodContainer, { image, command, args, env, resources }: Container): PodContainer {
  const amounts = (entries: readonly { name: ResourceName; value: string }[] = []): Record<string, JsonValue> =>
    Object.fromEntries(entries.map(({ name, value }) => [resourceKeys[name] ?? "", value]));
  const limits = amounts(resources?.limits);
  const requests = amounts(resources?.requests);
  const some = Object.keys(limits).length + Object.keys(requests).length > 0;
  const own = env.map(({ key, value }) => ({ name: key, value }));
  return {
    ...given,
    image: given.image ?? image,
    command,
    ...(args.length === 0 ? {} : { args }),
    env: [...own, ...((given.env as JsonValue[] | undefined) ?? [])],
    ...(some ? { resources: { limits, requests } } : {}),
  };
}

/** The wire form of a pod template as a task's target. Its primary container's name stands in `config`, as flytekit's. */
export function podMessage(template: PodTemplate, container: Container, dataConfig?: DataLoadingConfig): K8sPod {
  return create(K8sPodSchema, {
    metadata: { labels: { ...template.labels }, annotations: { ...template.annotations } },
    podSpec: podSpecJson(template, container),
    ...(dataConfig === undefined ? {} : { dataConfig }),
  });
}

/** The wire form of a pod template as a node's override, which says the primary container's name itself. */
export function podOverrideMessage(template: PodTemplate, container: Container): K8sPod {
  return { ...podMessage(template, container), primaryContainerName: primaryContainerOf(template) };
}
