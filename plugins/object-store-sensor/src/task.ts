import { FlyteError, type Natives } from "@flyte-ts/core";
import {
  defined,
  packageInfo,
  SensorConnectorTask,
  type SensorConnectorTaskOptions,
  type SensorContainerOptions,
  SensorTask,
  type SensorTaskParts,
  type TemplateTaskPlugin,
  type WaitOptions,
} from "@flyte-ts/core/plugin";
import { type ObjectStoreConditions, readConditions } from "./conditions.ts";
import {
  type OptionalPathsVariables,
  type OptionalPathVariables,
  type PathsVariables,
  type PathVariables,
  sensorOf,
} from "./sensor.ts";
import { connectorTaskType, containerTaskType } from "./task-types.ts";

/** How a task waits for files, and what has to be true of them. */
export interface ObjectStoreWait extends WaitOptions, ObjectStoreConditions {}

/** Whether a task waits for several paths. */
export type Paths = "all" | "any" | undefined;

/** The inputs of a task that waits for one path, or for several. */
export type ObjectStoreInputs<P extends Paths> = [P] extends ["all" | "any"] ? PathsVariables : PathVariables;

/** Its outputs: the path, or the paths that are there; optional where the task may time out softly. */
export type ObjectStoreOutputs<P extends Paths, Soft extends boolean> = Soft extends true
  ? [P] extends ["all" | "any"]
    ? OptionalPathsVariables
    : OptionalPathVariables
  : ObjectStoreInputs<P>;

/** What defines a task in either form. */
interface AnyWaitForObjectStoreFile<P extends Paths, Soft extends boolean> extends ObjectStoreWait {
  /** The task's name, unique in its project. */
  readonly name: string;
  readonly paths?: P & ("all" | "any");
  readonly softFail?: Soft;
}

/** What defines a task that waits in a container of the author's. */
export interface WaitForObjectStoreFileOptions<P extends Paths, Soft extends boolean>
  extends AnyWaitForObjectStoreFile<P, Soft>,
    Omit<SensorContainerOptions, "config"> {
  readonly runsIn?: "container";
}

/** What defines a task that a connector service waits for. */
export interface WaitForObjectStoreFileByConnectorOptions<P extends Paths, Soft extends boolean>
  extends AnyWaitForObjectStoreFile<P, Soft>,
    Omit<SensorConnectorTaskOptions, "config"> {
  readonly runsIn: "connector";
}

/**
 * A task that waits for files in a container of the author's: task type `object-store-sensor`. The instance, exported
 * under its name, is the task.
 * @throws FlyteError `InvalidDefinition` that names the task and the option.
 */
export class WaitForObjectStoreFile<P extends Paths = undefined, Soft extends boolean = false> extends SensorTask<
  ObjectStoreInputs<P>,
  ObjectStoreOutputs<P, Soft>,
  Natives<ObjectStoreOutputs<P, Soft>>
> {
  constructor({ name, runsIn: _, ...options }: WaitForObjectStoreFileOptions<P, Soft>) {
    const { wait, rest } = split(options);
    super(containerTaskType, sensorParts(name, wait), rest);
  }
}

/** A task that waits for files in a connector service: task type `object-store-sensor-connector`. It has no container. */
export class WaitForObjectStoreFileByConnector<
  P extends Paths = undefined,
  Soft extends boolean = false,
> extends SensorConnectorTask<ObjectStoreInputs<P>, ObjectStoreOutputs<P, Soft>, Natives<ObjectStoreOutputs<P, Soft>>> {
  constructor({ name, runsIn: _, ...options }: WaitForObjectStoreFileByConnectorOptions<P, Soft>) {
    const { wait, rest } = split(options);
    super(connectorTaskType, sensorParts(name, wait), plugin(), rest);
  }
}

/**
 * A task that waits until files are there and as they should be. Its input `path` comes out as `path`, for the tasks that
 * need the file; with `paths`, several.
 *
 * It waits in a container of the author's, or, with `runsIn: "connector"`, in a connector service, which holds no
 * container for it: two task types, since one type runs in one way.
 * @throws FlyteError `InvalidDefinition` that names the task and the option.
 */
export function waitForObjectStoreFile<const P extends Paths = undefined, const Soft extends boolean = false>(
  options: WaitForObjectStoreFileOptions<P, Soft>,
): WaitForObjectStoreFile<P, Soft>;
export function waitForObjectStoreFile<const P extends Paths = undefined, const Soft extends boolean = false>(
  options: WaitForObjectStoreFileByConnectorOptions<P, Soft>,
): WaitForObjectStoreFileByConnector<P, Soft>;
export function waitForObjectStoreFile<P extends Paths, Soft extends boolean>(
  options: WaitForObjectStoreFileOptions<P, Soft> | WaitForObjectStoreFileByConnectorOptions<P, Soft>,
): WaitForObjectStoreFile<P, Soft> | WaitForObjectStoreFileByConnector<P, Soft> {
  return defined(() => {
    const { name, runsIn = "container" } = options;
    if (runsIn !== "container" && runsIn !== "connector") {
      const text = `task ${name}: runsIn is ${JSON.stringify(runsIn)}; it must be "container" or "connector"`;
      throw new FlyteError("InvalidDefinition", text);
    }
    if (options.runsIn === "connector") return new WaitForObjectStoreFileByConnector(options);
    return new WaitForObjectStoreFile(options);
  });
}

/** What a task says to its sensor. @throws FlyteError `InvalidDefinition` that names the task and the option. */
export function sensorParts(name: string, wait: ObjectStoreWait): SensorTaskParts {
  const { pollInterval, backoff, jitter, timeout, pollTimeout, softFail, ...conditions } = wait;
  const waits = { pollInterval, backoff, jitter, timeout, pollTimeout, softFail };
  const given = Object.fromEntries(Object.entries(waits).filter(([, value]) => value !== undefined));
  try {
    const config = readConditions(conditions);
    return { name, sensor: sensorOf(config), config: { ...config }, wait: given, unwrapped: false };
  } catch (error) {
    throw new FlyteError("InvalidDefinition", `task ${name}: ${(error as Error).message}`, { cause: error });
  }
}

/** The plugin whose connector serves such tasks. */
export function plugin(): TemplateTaskPlugin {
  return { package: packageInfo(import.meta.url), manifest: () => import("./plugin.ts") };
}

/** Parts what the sensor reads from what every task has. */
function split<Options extends ObjectStoreWait>(options: Options) {
  const { pollInterval, backoff, jitter, timeout, pollTimeout, softFail, ...others } = options;
  const { match, atLeast, minSize, minAge, maxAge, stableFor, paths, ...rest } = others;
  const waits = { pollInterval, backoff, jitter, timeout, pollTimeout, softFail };
  const conditions = { match, atLeast, minSize, minAge, maxAge, stableFor, paths };
  return { wait: { ...waits, ...conditions } as ObjectStoreWait, rest };
}
