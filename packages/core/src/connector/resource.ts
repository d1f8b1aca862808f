import type { JsonObject } from "@bufbuild/protobuf";
import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";
import type { LiteralMap } from "../wire/messages.ts";
import { type Phase, phaseNumbers } from "./phase.ts";

const allPhases: ReadonlySet<string> = new Set(Object.keys(phaseNumbers));

/**
 * What a connector has answered.
 * @throws FlyteError of the given code for what is no `Resource`, or of a phase that there is not.
 */
export function checkedResource(
  connector: string,
  answer: Resource,
  code: "Internal" | "InvalidDefinition",
  phases: ReadonlySet<string> = allPhases,
): Resource {
  const given: { readonly phase?: unknown } | null | undefined = answer;
  if (typeof given === "object" && given !== null && phases.has(given.phase as string)) return answer;
  const what = typeof given === "object" && given !== null ? `the phase ${shown(given.phase)}` : shown(given);
  throw new FlyteError(
    code,
    `${connector} answered ${what}; it must be an object with a phase: ${[...phases].join(", ")}`,
  );
}

/** A link to a job's logs or page, as Flyte's console shows it (`flyteidl.core.TaskLog`). */
export interface LogLink {
  /** What the console shows. */
  readonly name: string;
  readonly uri: string;
  /** What the logs are written in; nothing when that is not known. */
  readonly format?: "csv" | "json";
}

/** What a connector knows of a job (`Resource` of `AsyncAgentService` and `AsyncConnectorService`). */
export interface Resource {
  readonly phase: Phase;
  /** Why the job is where it is. Flyte shows it for FAILED and RETRYABLE_FAILED. */
  readonly message?: string | undefined;
  readonly logLinks?: readonly LogLink[] | undefined;
  /**
   * The outputs by name, with SUCCEEDED only: native values of the declared types, or literals. All that the task
   * declares must be there. Outputs that are too big for an answer are written to the output prefix by the host.
   */
  readonly outputs?: Readonly<Record<string, unknown>> | LiteralMap | undefined;
  /** Whatever the connector wants to show: progress, costs. Numbers become doubles. */
  readonly customInfo?: JsonObject | undefined;
}
