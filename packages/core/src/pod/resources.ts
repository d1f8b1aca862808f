import { create } from "@bufbuild/protobuf";
import {
  type ExtendedResources,
  ExtendedResourcesSchema,
  Resources_ResourceName as ResourceName,
  type Resources as ResourcesMessage,
  ResourcesSchema,
} from "@flyte-ts/idl/core";
import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";
import { type Accelerator, acceleratorMessage } from "./accelerators.ts";
import { isWhole, parseQuantity } from "./quantity.ts";

/** Amounts as Kubernetes writes them: `500m`, `2`, `1Gi`; a number is taken as it is (`0.5` CPUs, bytes of memory). */
export interface ResourceAmounts {
  readonly cpu?: string | number;
  readonly memory?: string | number;
  readonly gpu?: string | number;
  readonly ephemeralStorage?: string | number;
}

/** What a container asks for, and what it may take. */
export interface Resources {
  readonly requests?: ResourceAmounts;
  readonly limits?: ResourceAmounts;
}

/** What a container may ask for besides amounts. */
export interface ExtendedOptions {
  /** The kind of GPU (or TPU) that is wanted; `accelerators` has the known ones. */
  readonly accelerator?: Accelerator;
  /** A shared-memory volume at `/dev/shm`: of this size (`2Gi`), or, with `true`, as large as the memory. */
  readonly sharedMemory?: true | string;
}

type Names = readonly (readonly [keyof ResourceAmounts, ResourceName])[];

/** In the order in which flytekit's containers list them. */
const names = [
  ["ephemeralStorage", ResourceName.EPHEMERAL_STORAGE],
  ["cpu", ResourceName.CPU],
  ["gpu", ResourceName.GPU],
  ["memory", ResourceName.MEMORY],
] as const satisfies Names;

/** In the order in which flytekit's overrides list them. */
export const overrideOrder: Names = [names[1], names[3], names[2], names[0]];

/**
 * Refuses what registering would refuse: amounts that are none, requests above their limits, parts of a GPU.
 * @param owner what the message begins with, such as `task t1`.
 * @throws FlyteError `InvalidDefinition` that names the owner, the amount and what would be right.
 */
export function checkResources(owner: string, { requests = {}, limits = {} }: Resources): void {
  const bad = (place: string, value: unknown, right: string): FlyteError =>
    new FlyteError("InvalidDefinition", `${owner}: ${place} is ${shown(value)}; it must be ${right}`);
  const parsed = (place: string, amounts: ResourceAmounts): Partial<Record<keyof ResourceAmounts, bigint>> => {
    for (const name of Object.keys(amounts)) {
      if (names.some(([known]) => known === name)) continue;
      throw bad(`${place}.${name}`, amounts[name as "cpu"], `left out: there are ${names.map(([n]) => n).join(", ")}`);
    }
    const entries = names.flatMap(([name]) => {
      const value = amounts[name];
      if (value === undefined) return [];
      const amount = typeof value === "string" || typeof value === "number" ? parseQuantity(`${value}`) : undefined;
      if (amount === undefined) throw bad(`${place}.${name}`, value, "an amount as Kubernetes has it: 500m, 2, 1Gi");
      if (name === "gpu" && !isWhole(amount)) throw bad(`${place}.${name}`, value, "a whole number");
      return [[name, amount] as const];
    });
    return Object.fromEntries(entries);
  };
  const asked = parsed("resources.requests", requests);
  const allowed = parsed("resources.limits", limits);
  for (const [name] of names) {
    const request = asked[name];
    const limit = allowed[name];
    if (request === undefined || limit === undefined) continue;
    const place = `resources.requests.${name}`;
    if (request > limit) throw bad(place, requests[name], `at most its limit, ${limits[name]}`);
    if (name === "gpu" && request !== limit) throw bad(place, requests[name], `the limit itself, ${limits[name]}`);
  }
}

/**
 * The wire form of resources.
 * @param order the order of the entries; that of flytekit's containers by default.
 */
export function resourcesMessage({ requests = {}, limits = {} }: Resources, order: Names = names): ResourcesMessage {
  const entries = (amounts: ResourceAmounts): { name: ResourceName; value: string }[] =>
    order.flatMap(([key, name]) => (amounts[key] === undefined ? [] : [{ name, value: `${amounts[key]}` }]));
  return create(ResourcesSchema, { requests: entries(requests), limits: entries(limits) });
}

/** @throws FlyteError `InvalidDefinition` for a size of shared memory that is none. */
export function checkExtended(owner: string, { sharedMemory }: ExtendedOptions): void {
  if (sharedMemory === undefined || sharedMemory === true) return;
  const size = typeof sharedMemory === "string" ? parseQuantity(sharedMemory) : undefined;
  if (size !== undefined && size > 0n) return;
  throw new FlyteError(
    "InvalidDefinition",
    `${owner}: sharedMemory is ${shown(sharedMemory)}; it must be true, or a size such as 2Gi`,
  );
}

/** The wire form of an accelerator and shared memory, with flytekit's mount; undefined when there is neither. */
export function extendedMessage({ accelerator, sharedMemory }: ExtendedOptions): ExtendedResources | undefined {
  if (accelerator === undefined && sharedMemory === undefined) return undefined;
  return create(ExtendedResourcesSchema, {
    ...(accelerator === undefined ? {} : { gpuAccelerator: acceleratorMessage(accelerator) }),
    ...(sharedMemory === undefined
      ? {}
      : {
          sharedMemory: {
            mountName: "flyte-shared-memory",
            mountPath: "/dev/shm",
            sizeLimit: sharedMemory === true ? "" : sharedMemory,
          },
        }),
  });
}
