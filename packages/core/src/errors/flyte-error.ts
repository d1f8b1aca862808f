/**
 * What can go wrong, as a closed set. Each code has a kind (whose fault it is) and says whether a repetition may help;
 * both can be overridden for one error. The wire codes that Flyte sees are in `wire-codes.ts`.
 */
const codes = {
  /** A value given by the user is wrong: a flag, an input, a config field, a query. */
  InvalidInput: { kind: "user", recoverable: false },
  /** A value does not have the declared type. */
  InvalidType: { kind: "user", recoverable: false },
  /** A task, workflow or plugin is defined wrongly. */
  InvalidDefinition: { kind: "user", recoverable: false },
  /** Something the user named is not there: an object, a table, an entity. */
  NotFound: { kind: "user", recoverable: false },
  /** Something that must be new is there already. */
  AlreadyExists: { kind: "user", recoverable: false },
  /** The other side refused: credentials or permissions. */
  PermissionDenied: { kind: "user", recoverable: false },
  /** A size, count or ratio passes its limit. */
  TooLarge: { kind: "user", recoverable: false },
  /** The request is understood, but not offered. */
  Unsupported: { kind: "user", recoverable: false },
  /** A deadline passed. */
  Timeout: { kind: "user", recoverable: false },
  /** The user's code failed and asks for another attempt. */
  Recoverable: { kind: "user", recoverable: true },
  /** The user's code threw. */
  TaskFailed: { kind: "user", recoverable: false },
  /** A literal could not be turned into a native value, or the other way round. */
  ConversionFailed: { kind: "system", recoverable: false },
  /** A service does not answer, or answers with a fault of its own. */
  Unavailable: { kind: "system", recoverable: true },
  /** A service asks for fewer requests. */
  Throttled: { kind: "system", recoverable: true },
  /** The work was cancelled: an `AbortSignal`, a termination signal. */
  Cancelled: { kind: "system", recoverable: true },
  /** A package that is needed is not installed. */
  MissingPackage: { kind: "system", recoverable: false },
  /** No plugin that is present runs this task type. */
  UnknownTaskType: { kind: "system", recoverable: false },
  /** A task returned something that is not its declared outputs. */
  UnknownOutput: { kind: "system", recoverable: true },
  /** A fault of ours, or one that nobody foresaw. */
  Internal: { kind: "system", recoverable: true },
} as const satisfies Record<string, { kind: "user" | "system"; recoverable: boolean }>;

/** The closed set of error codes. */
export type FlyteErrorCode = keyof typeof codes;

/** Whose fault an error is. Flyte counts retries of the two kinds apart (`ExecutionError.ErrorKind`). */
export type FlyteErrorKind = "user" | "system";

/**
 * Finer than a code, where somebody decides by it. `NoSuchContainer`: a `NotFound` of which the bucket or container is
 * not there, so that waiting for an object in it is of no use.
 */
export type FlyteErrorReason = "NoSuchContainer";

/** What a `FlyteError` can carry besides its code and message. */
export interface FlyteErrorOptions {
  /** Says more than the code. */
  readonly reason?: FlyteErrorReason;
  /** Overrides the code's own kind. */
  readonly kind?: FlyteErrorKind;
  /** Overrides whether another attempt may help. */
  readonly recoverable?: boolean;
  /** What was caught; always kept. */
  readonly cause?: unknown;
  /** The code that Flyte shows (`ContainerError.code`) in the place of the one that belongs to `code`. */
  readonly wireCode?: string;
  /** How long to wait before another attempt, in milliseconds, where the other side said so. */
  readonly retryAfterMs?: number;
}

const marker: unique symbol = Symbol.for("flyte-ts.error");

/**
 * The one error class. It is recognised by a marker (`FlyteError.is`), never by `instanceof`, so that two copies of this
 * package in one process know each other's errors.
 */
export class FlyteError extends Error {
  readonly code: FlyteErrorCode;
  readonly kind: FlyteErrorKind;
  /** True when another attempt may help (`ContainerError.kind` RECOVERABLE). */
  readonly recoverable: boolean;
  readonly wireCode: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly reason: FlyteErrorReason | undefined;

  constructor(code: FlyteErrorCode, message: string, options: FlyteErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "FlyteError";
    this.code = code;
    this.kind = options.kind ?? codes[code].kind;
    this.recoverable = options.recoverable ?? codes[code].recoverable;
    this.wireCode = options.wireCode;
    this.retryAfterMs = options.retryAfterMs;
    this.reason = options.reason;
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for an error of this class, of whichever copy of the package. */
  static is(value: unknown): value is FlyteError {
    return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[marker] === true;
  }

  /**
   * Any thrown value as a `FlyteError`: one that is already comes back as it is, an abort becomes `Cancelled`, a timeout
   * `Timeout`, all else `fallback`. The thrown value is the cause.
   */
  static from(thrown: unknown, fallback: FlyteErrorCode = "Internal"): FlyteError {
    if (FlyteError.is(thrown)) return thrown;
    const name = thrown instanceof Error ? thrown.name : "";
    const code = name === "AbortError" ? "Cancelled" : name === "TimeoutError" ? "Timeout" : fallback;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new FlyteError(code, message, { cause: thrown });
  }
}
