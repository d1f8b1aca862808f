import { fromJson, type JsonObject, toBinary } from "@bufbuild/protobuf";
import { StructSchema } from "@bufbuild/protobuf/wkt";
import { LiteralMap, type LogLink, type Phase, phaseNumbers } from "@flyte-ts/core/plugin";
import { FieldWriter } from "./field-writer.ts";

/** What is known of a job, as a `Resource` of either generation says it. */
export interface ResourceAnswer {
  readonly phase: Phase;
  readonly message?: string | undefined;
  readonly logLinks?: readonly LogLink[] | undefined;
  /** Present or absent: Flyte reads the output prefix only where there is none. */
  readonly outputs?: LiteralMap | undefined;
  readonly customInfo?: JsonObject | undefined;
}

/** Which of Flyte's protocols: `flyteidl` or `flyteidl2`. */
export type Generation = "v1" | "v2";

/**
 * `flyteidl.admin.State`, the phase's predecessor: a propeller of before the phase reads nothing else, and its 0 is
 * RETRYABLE_FAILURE.
 */
const states: Readonly<Record<Phase, number>> = {
  RETRYABLE_FAILED: 0,
  FAILED: 1,
  ABORTED: 1,
  QUEUED: 2,
  WAITING_FOR_RESOURCES: 2,
  INITIALIZING: 2,
  RUNNING: 3,
  SUCCEEDED: 4,
};

const logFormats = { csv: 1, json: 2 } as const;

/** The bytes of a `flyteidl.admin.Resource` or `flyteidl2.connector.Resource`; v2's has no state. */
export function resourceMessage(answer: ResourceAnswer, generation: Generation): Buffer {
  const { phase, message = "", logLinks = [], outputs, customInfo } = answer;
  const writer = new FieldWriter();
  if (generation === "v1") writer.number(1, states[phase]);
  writer.message(2, outputs === undefined ? undefined : LiteralMap.encode(outputs)).text(3, message);
  for (const link of logLinks) writer.message(4, logLinkMessage(link, generation));
  return writer
    .number(5, phaseNumbers[phase])
    .message(6, customInfo === undefined ? undefined : structMessage(customInfo))
    .finish();
}

/** `google.protobuf.Struct`; nothing where the value is no JSON: an answer that fails is worse than one without it. */
function structMessage(value: JsonObject): Uint8Array | undefined {
  try {
    return toBinary(StructSchema, fromJson(StructSchema, value));
  } catch {
    return undefined;
  }
}

/** `TaskLog`; v2 asks whether the link leads somewhere yet. */
function logLinkMessage({ name, uri, format }: LogLink, generation: Generation): Buffer {
  const writer = new FieldWriter().text(1, uri).text(2, name);
  if (format !== undefined) writer.number(3, logFormats[format]);
  if (generation === "v2") writer.number(8, 1);
  return writer.finish();
}
