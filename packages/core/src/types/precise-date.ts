const marker: unique symbol = Symbol.for("flyte-ts.precise-date");
const nanosPerMs = 1_000_000n;

/**
 * A moment to the nanosecond: a `Date` with what stands below its millisecond. A task receives one for `t.datetime` where
 * the wire says more than a plain `Date` holds; it may give one or the other. A method that sets a part of the date leaves
 * the nanoseconds as they are.
 */
export class PreciseDate extends Date {
  /** What stands below the millisecond, 0 to 999,999 nanoseconds. */
  readonly nanoseconds: number;

  /** @param epochNanoseconds nanoseconds since 1970 in UTC. */
  constructor(epochNanoseconds: bigint) {
    const below = ((epochNanoseconds % nanosPerMs) + nanosPerMs) % nanosPerMs;
    super(Number((epochNanoseconds - below) / nanosPerMs));
    this.nanoseconds = Number(below);
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for a value of this class, of whichever copy of the package. */
  static is(value: unknown): value is PreciseDate {
    return value instanceof Date && (value as { [marker]?: boolean })[marker] === true;
  }

  /** Nanoseconds since 1970 in UTC. */
  get epochNanoseconds(): bigint {
    return BigInt(this.getTime()) * nanosPerMs + BigInt(this.nanoseconds);
  }

  /** ISO 8601 in UTC, with six or nine digits of a second where three do not say it all. */
  override toISOString(): string {
    if (this.nanoseconds === 0) return super.toISOString();
    const below = String(this.nanoseconds).padStart(6, "0").replace(/000$/, "");
    return super.toISOString().replace("Z", `${below}Z`);
  }
}

/** The moment that nanoseconds since 1970 name: a plain `Date` where whole milliseconds say it all. */
export function dateOfNanoseconds(epochNanoseconds: bigint): Date {
  return epochNanoseconds % nanosPerMs === 0n
    ? new Date(Number(epochNanoseconds / nanosPerMs))
    : new PreciseDate(epochNanoseconds);
}

/** Nanoseconds since 1970 of a valid date. */
export function nanosecondsOfDate(date: Date): bigint {
  return PreciseDate.is(date) ? date.epochNanoseconds : BigInt(date.getTime()) * nanosPerMs;
}

/**
 * The moment of an ISO 8601 text, as far as its ninth digit of a second; undefined for a text that says no moment.
 */
export function dateOfText(text: string): Date | undefined {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return undefined;
  const below = /[.,]\d{3}(\d{1,6})/.exec(text)?.[1];
  if (below === undefined) return date;
  return dateOfNanoseconds(BigInt(date.getTime()) * nanosPerMs + BigInt(below.padEnd(6, "0")));
}
