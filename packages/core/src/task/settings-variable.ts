import { FlyteError } from "../errors/flyte-error.ts";
import type { SerializationSettings } from "../wire/serialization-settings.ts";

/**
 * The environment variable that tells a dynamic task's container how to compile what it makes (flytekit's is `_F_SS_C`).
 * It holds JSON in base64, which nothing on the way takes for a variable of its own.
 */
export const settingsVariable = "FLYTE_TS_SERIALIZATION_SETTINGS";

/** The settings for the variable. Where the code comes from is not in it: that is filled in when a task is registered. */
export function settingsText({ fastRegistration, ...settings }: SerializationSettings): string {
  return Buffer.from(JSON.stringify(settings)).toString("base64");
}

/** What only the container knows. */
export interface ContainerSettings extends Pick<SerializationSettings, "project" | "domain" | "version"> {
  readonly fastRegistration?: SerializationSettings["fastRegistration"];
}

/**
 * The settings that a container was given.
 * @param text the variable's value.
 * @param here stands in for what was empty when the task was serialised.
 * @throws FlyteError `InvalidInput` when the variable is missing, or is not what was written there.
 */
export function settingsFrom(text: string | undefined, here: ContainerSettings): SerializationSettings {
  if (text === undefined || text === "") {
    throw new FlyteError(
      "InvalidInput",
      `the variable ${settingsVariable} is not set: a dynamic task needs it to compile what it makes, and its own template sets it`,
    );
  }
  let given: SerializationSettings;
  try {
    given = JSON.parse(Buffer.from(text, "base64").toString("utf8")) as SerializationSettings;
  } catch (cause) {
    throw new FlyteError("InvalidInput", `the variable ${settingsVariable} does not hold JSON in base64`, { cause });
  }
  const { fastRegistration } = here;
  return {
    ...given,
    project: given.project || here.project,
    domain: given.domain || here.domain,
    version: given.version || here.version,
    ...(fastRegistration === undefined ? {} : { fastRegistration }),
  };
}
