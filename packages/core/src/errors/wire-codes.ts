import type { FlyteErrorCode, FlyteErrorKind } from "./flyte-error.ts";

/**
 * The code that Flyte shows (`ContainerError.code`) for each of ours: flytekit's own codes where one says the same
 * (flytekit/exceptions), so that a cluster's dashboards and alerts know them.
 */
const wireCodes: Readonly<Record<FlyteErrorCode, string>> = {
  InvalidInput: "USER:ValueError",
  InvalidType: "USER:TypeError",
  InvalidDefinition: "USER:ValidationError",
  NotFound: "USER:EntityNotExist",
  AlreadyExists: "USER:EntityAlreadyExists",
  PermissionDenied: "USER:AuthenticationError",
  TooLarge: "USER:ValueError",
  Unsupported: "USER:AssertionError",
  Timeout: "USER:Timeout",
  Recoverable: "USER:Recoverable",
  TaskFailed: "USER:RuntimeError",
  ConversionFailed: "SYSTEM",
  Unavailable: "SYSTEM:Unavailable",
  Throttled: "SYSTEM:Unavailable",
  Cancelled: "SYSTEM:Unknown",
  MissingPackage: "SYSTEM:UnloadableCode",
  UnknownTaskType: "SYSTEM:UnknownTaskType",
  UnknownOutput: "UNKNOWN_OUTPUT",
  Internal: "SYSTEM",
};

/**
 * The wire code of an error that names none itself. One whose kind was overridden cannot carry a code that blames the
 * other side, so it gets the plain one of its kind.
 */
export function wireCodeFor(code: FlyteErrorCode, kind: FlyteErrorKind): string {
  const wire = wireCodes[code];
  if (kind === "user") return wire.startsWith("SYSTEM") ? "USER:RuntimeError" : wire;
  return wire.startsWith("USER") ? "SYSTEM" : wire;
}

/** Our code for one that came over the wire; for a code that is not ours, the plain one of its kind. */
export function codeForWire(wire: string, kind: FlyteErrorKind, recoverable: boolean): FlyteErrorCode {
  if (wire !== "SYSTEM") {
    for (const [code, known] of Object.entries(wireCodes)) if (known === wire) return code as FlyteErrorCode;
  }
  if (kind === "user") return recoverable ? "Recoverable" : "TaskFailed";
  return recoverable ? "Internal" : "ConversionFailed";
}
