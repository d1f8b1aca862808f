import type { Duration } from "@bufbuild/protobuf/wkt";

/** A number of milliseconds as protobuf's duration. */
export function durationMessage(ms: number): Duration {
  const seconds = Math.trunc(ms / 1000);
  return {
    $typeName: "google.protobuf.Duration",
    seconds: BigInt(seconds),
    nanos: Math.round((ms - seconds * 1000) * 1_000_000),
  };
}
