import { OptionalType } from "../types/optional.ts";
import type { AcceptedOf, AnyType, NativeOf, Types } from "../types/type-transformer.ts";

/** A type whose value may be missing. */
export type Optional<T> = T extends { readonly isOptional: true } ? T : OptionalType<NativeOf<T>, AcceptedOf<T>>;

/** The outputs of a task that may end without them. */
export type SoftOutputs<Outputs extends Types, Soft extends boolean> = Soft extends true
  ? { readonly [K in keyof Outputs]: Optional<Outputs[K]> }
  : Outputs;

/** The outputs of a sensor's task: those of the sensor, all of them optional where the task may time out softly. */
export function sensorOutputs(outputs: Types, softFail: boolean): Types {
  if (!softFail) return outputs;
  return Object.fromEntries(Object.entries(outputs).map(([name, type]) => [name, optional(type)]));
}

/** The outputs of a task that timed out softly. */
export function noOutputs(outputs: Types): Readonly<Record<string, null>> {
  return Object.fromEntries(Object.keys(outputs).map((name) => [name, null]));
}

const optional = (type: AnyType): AnyType => (type.isOptional ? type : new OptionalType(type));
