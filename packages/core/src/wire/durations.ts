import type { Duration } from "@bufbuild/protobuf/wkt";

const nanosPerSecond = 1_000_000_000n;

/**
 * A number as an integer of a smaller unit: `scaled(1.5, 6)` is `1500000n`. It is taken for the shortest decimal that
 * means it, as it is printed, so that 0.001 is a thousandth exactly; digits beyond the unit are rounded.
 */
export function scaled(value: number, digits: number): bigint {
  const unit = 10 ** digits;
  const size = Math.abs(value);
  const sign = value < 0 ? -1n : 1n;
  // Below 2^50 no other decimal of so many digits means the same double.
  const near = Math.round(size * unit);
  if (near < 2 ** 50 && near / unit === size) return sign * BigInt(near);
  // What is smaller is printed with an exponent; what is larger has no fraction.
  if (size < 1e-6) return sign * BigInt(Math.round(size * unit));
  if (size >= 2 ** 53) return BigInt(value) * BigInt(unit);
  const [whole = "0", fraction = ""] = String(size).split(".");
  const kept = BigInt(whole + fraction.slice(0, digits).padEnd(digits, "0"));
  return sign * ((fraction[digits] ?? "0") >= "5" ? kept + 1n : kept);
}

/** A number of milliseconds as protobuf's duration, to the nanosecond. */
export function durationMessage(ms: number): Duration {
  return nanosecondsMessage(scaled(ms, 6));
}

/** A number of nanoseconds as protobuf's duration. */
export function nanosecondsMessage(nanoseconds: bigint): Duration {
  return {
    $typeName: "google.protobuf.Duration",
    seconds: nanoseconds / nanosPerSecond,
    nanos: Number(nanoseconds % nanosPerSecond),
  };
}

/** The nanoseconds of protobuf's duration. */
export function durationNanoseconds({ seconds, nanos }: Duration): bigint {
  return seconds * nanosPerSecond + BigInt(nanos);
}
