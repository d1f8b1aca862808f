import type { CompiledEntity } from "@flyte-ts/core";

/** A file of a registration, or of an archive. */
export interface NamedBytes {
  /** Its name; in an archive, its path with slashes. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Entities as the files that flytectl registers, `<number>_<name>_<kind>.pb`: it takes them in the order of their names
 * (so numbers have zeros in front), and knows by the kind what is in one: 1 a task, 2 a workflow, 3 a launch plan.
 */
export function registrationFiles(entities: readonly CompiledEntity[]): NamedBytes[] {
  const digits = Math.ceil(Math.log10(entities.length));
  return entities.map((entity, at) => {
    // An entity's name may have a slash, a file's may not.
    const name = entity.name.replace(/[/:]/g, "_");
    return { name: `${String(at).padStart(digits, "0")}_${name}_${numbers[entity.kind]}.pb`, bytes: entity.bytes };
  });
}

/** What such files are called. */
export const registrationFileName: RegExp = /^\d+_.*_[123]\.pb$/;

/** How flytectl tells kinds apart. */
const numbers: Readonly<Record<CompiledEntity["kind"], number>> = { task: 1, workflow: 2, "launch plan": 3 };
