import type { JsonObject } from "@bufbuild/protobuf";
import type { Sensor } from "../sensor/sensor.ts";
import type { StorageRegistry } from "../storage/storage-registry.ts";
import type { LiteralMap } from "../wire/messages.ts";

/**
 * What goes wrong with a sensor's questions: `unavailable` is the service's 503, `throttle` its 429, `refuse` its 403 (with
 * `message` in the answer), `hang` no answer until the asker gives up.
 */
export type WorldFault = "unavailable" | "throttle" | "refuse" | "hang";

/** A stand-in for what a sensor asks, which the author of a sensor writes. */
export interface SensorWorld {
  /** How many questions have come so far, those with faults included. */
  readonly questions: number;
  /** From now on what the sensor waits for is there. */
  fulfil(): void;
  /** Every question from now on meets a fault, until `mend`. */
  fault(kind: WorldFault, message: string): void;
  mend(): void;
}

/** A sensor under test, with what a task asks it, and the world behind it. Every case asks for a new one. */
export interface SensorSubject {
  readonly sensor: Sensor;
  /** What the task says to the sensor besides its inputs. */
  readonly config?: JsonObject | undefined;
  readonly inputs: LiteralMap;
  readonly world: SensorWorld;
  /** The stores that the sensor finds. */
  readonly storage?: StorageRegistry | undefined;
  /** Asserts that the outputs are those of what was found. */
  readonly check: (outputs: LiteralMap) => Promise<void> | void;
}
