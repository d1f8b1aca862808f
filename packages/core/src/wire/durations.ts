import type { Duration } from "@bufbuild/protobuf/wkt";

/**
 * A number of milliseconds as protobuf's duration, to the nearest nanosecond; both parts have the sign of the whole.
 */
export function durationMessage(ms: number): Duration {
  const seconds = Math.trunc(ms / 1000);
  const nanos = Math.round((ms - seconds * 1000) * 1_000_000);
  // 999.9999999 ms round up to a whole second, and a message with 1e9 nanos is no duration
  const carried = Math.trunc(nanos / 1e9);
  return {
    $typeName: "google.protobuf.Duration",
    seconds: BigInt(seconds + carried),
    nanos: nanos - carried * 1e9,
  };
}
