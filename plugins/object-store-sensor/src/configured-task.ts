import { FlyteContext, FlyteError, type Natives, type Types } from "@flyte-ts/core";
import {
  type ConfiguredTaskParts,
  SensorConnectorTask,
  type SensorContainerOptions,
  SensorTask,
  type SensorTaskParts,
  typeLabel,
} from "@flyte-ts/core/plugin";
import { type ObjectStoreWait, plugin, sensorParts } from "./task.ts";
import { connectorTaskType, containerTaskType } from "./task-types.ts";

/**
 * The config that makes `task({ config, … })` a task that waits for files in a container of the author's. The task has the
 * input and the output `path`, or `paths`, and no function.
 */
export class ObjectStoreSensor {
  readonly wait: ObjectStoreWait;

  constructor(wait: ObjectStoreWait = {}) {
    this.wait = wait;
    FlyteContext.default().taskPlugins.register(ObjectStoreSensor, ConfiguredTask);
  }
}

/** The same for a task that a connector service waits for. */
export class ObjectStoreSensorByConnector {
  readonly wait: ObjectStoreWait;

  constructor(wait: ObjectStoreWait = {}) {
    this.wait = wait;
    FlyteContext.default().taskPlugins.register(ObjectStoreSensorByConnector, ConfiguredConnectorTask);
  }
}

class ConfiguredTask extends SensorTask<Types, Types, Natives<Types>> {
  constructor(parts: ConfiguredTaskParts<ObjectStoreSensor>) {
    super(containerTaskType, configured(parts), optionsOf(parts));
    checkInterface(this, parts);
  }

  override overrideConfig(config: object): void {
    super.overrideConfig(config);
    this.waitOtherwise(sensorParts(this.name, (config as ObjectStoreSensor).wait));
  }
}

class ConfiguredConnectorTask extends SensorConnectorTask<Types, Types, Natives<Types>> {
  constructor(parts: ConfiguredTaskParts<ObjectStoreSensorByConnector>) {
    super(connectorTaskType, configured(parts), plugin(), optionsOf(parts));
    checkInterface(this, parts);
  }

  override overrideConfig(config: object): void {
    super.overrideConfig(config);
    this.waitOtherwise(sensorParts(this.name, (config as ObjectStoreSensorByConnector).wait));
  }
}

type Parts = ConfiguredTaskParts<ObjectStoreSensor | ObjectStoreSensorByConnector>;

/** A `timeout` of the task is the sensor's: nobody else keeps it. */
function configured({ name, timeout, config: { wait } }: Parts): SensorTaskParts {
  return sensorParts(name, { ...(timeout === undefined ? {} : { timeout }), ...wait });
}

function optionsOf({
  name: _n,
  inputs: _i,
  outputs: _o,
  unwrapped: _u,
  run: _r,
  timeout: _t,
  ...options
}: Parts): SensorContainerOptions {
  return options;
}

/** @throws FlyteError `InvalidDefinition`: what the author declares has to be what the task has. */
function checkInterface(
  task: { readonly inputs: Types; readonly outputs: Types },
  { name, inputs, outputs }: Parts,
): void {
  for (const [what, declared, has] of [
    ["inputs", inputs, task.inputs],
    ["outputs", outputs, task.outputs],
  ] as const) {
    if (shapeOf(declared) === shapeOf(has)) continue;
    throw new FlyteError(
      "InvalidDefinition",
      `task ${name}: its ${what} are ${shapeOf(declared)}; a task with this config has ${shapeOf(has)}`,
    );
  }
}

function shapeOf(types: Types): string {
  const parts = Object.entries(types).map(([name, type]) => `${name}: ${typeLabel(type)}`);
  return `{ ${parts.sort().join(", ")} }`;
}
