import { ContainerError_Kind, ExecutionError_ErrorKind } from "@flyte-ts/idl/core";
import { errorText, parseErrorText } from "../errors/error-text.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { codeForWire, wireCodeFor } from "../errors/wire-codes.ts";
import { ErrorDocument } from "./messages.ts";

/** What an error document says besides the error. */
export interface ErrorDocumentOptions {
  /** Which worker of a distributed task failed. */
  readonly worker?: string;
  /** When it failed, in milliseconds since the epoch. */
  readonly now: number;
}

/**
 * What `error.pb` holds for an error: every field of `ContainerError`, its message bounded to about 100 kB. Anything that
 * is no `FlyteError` is a fault of ours, which another attempt may pass (`SYSTEM`, RECOVERABLE).
 */
export function toErrorDocument(thrown: unknown, { worker = "", now }: ErrorDocumentOptions): ErrorDocument {
  const error = FlyteError.from(thrown, "Internal");
  return ErrorDocument.create({
    error: {
      code: error.wireCode ?? ownCode(error) ?? wireCodeFor(error.code, error.kind),
      message: errorText(error),
      kind: error.recoverable ? ContainerError_Kind.RECOVERABLE : ContainerError_Kind.NON_RECOVERABLE,
      origin: error.kind === "user" ? ExecutionError_ErrorKind.USER : ExecutionError_ErrorKind.SYSTEM,
      timestamp: {
        seconds: BigInt(Math.floor(now / 1000)),
        nanos: Math.floor((((now % 1000) + 1000) % 1000) * 1e6),
      },
      worker,
    },
  });
}

/**
 * The error that an error document tells of: its message is the part below `Message:`, its stack the trace, its
 * `wireCode` the document's code. An origin of UNKNOWN is the user's, as in Flyte's own count of retries; a document
 * without an error is `ErrorFileBadFormat`, as propeller has it.
 */
export function fromErrorDocument(document: ErrorDocument): FlyteError {
  const { error } = document;
  if (error === undefined) {
    return new FlyteError("Internal", "error.pb holds no error", { wireCode: "ErrorFileBadFormat" });
  }
  const kind = error.origin === ExecutionError_ErrorKind.SYSTEM ? "system" : "user";
  const recoverable = error.kind === ContainerError_Kind.RECOVERABLE;
  const { message, trace } = parseErrorText(error.message);
  const code = codeForWire(error.code, kind, recoverable);
  // `errorText` puts our own code where other errors have their class.
  const own = message.startsWith(`${code}: `) ? message.slice(code.length + 2) : message;
  const read = new FlyteError(code, own, {
    kind,
    recoverable,
    wireCode: error.code,
  });
  if (trace !== undefined) read.stack = trace;
  return read;
}

/** flytekit takes the code of a user's exception from its attribute `error_code`; an error class may bring the same. */
function ownCode({ code, cause }: FlyteError): string | undefined {
  if (code !== "TaskFailed" && code !== "Recoverable") return undefined;
  const own = (cause as { error_code?: unknown } | null | undefined)?.error_code;
  return typeof own === "string" || typeof own === "number" ? String(own) : undefined;
}
