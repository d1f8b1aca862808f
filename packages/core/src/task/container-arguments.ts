import type { FastRegistration } from "../wire/serialization-settings.ts";

/** What the arguments of a container are made of. */
export interface ContainerArguments {
  readonly resolver: string;
  readonly loaderArgs: readonly string[];
  /** Whether the task can keep something between attempts; template tasks cannot (as flytekit's). */
  readonly checkpoints: boolean;
  readonly fastRegistration?: FastRegistration;
}

/** The command of the entrypoint; the container's `command` stays empty (flytekit's get_default_command). */
const entrypoint = "flyte-ts-execute";

/**
 * The arguments of a container, one element per word: propeller and flytectl fill in the placeholders, flytectl only
 * where one is a whole argument.
 */
export function containerArguments(parts: ContainerArguments): string[] {
  const { resolver, loaderArgs, checkpoints, fastRegistration } = parts;
  const fast =
    fastRegistration === undefined
      ? []
      : ["--additional-distribution", fastRegistration.distribution, "--dest-dir", fastRegistration.destination];
  const kept = checkpoints
    ? ["--checkpoint-path", "{{.checkpointOutputPrefix}}", "--prev-checkpoint", "{{.prevCheckpointPrefix}}"]
    : [];
  return [
    entrypoint,
    ...fast,
    "--inputs",
    "{{.input}}",
    "--output-prefix",
    "{{.outputPrefix}}",
    "--raw-output-data-prefix",
    "{{.rawOutputDataPrefix}}",
    ...kept,
    "--resolver",
    resolver,
    "--",
    ...loaderArgs,
  ];
}
