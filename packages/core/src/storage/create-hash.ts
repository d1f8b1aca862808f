import type { Hash } from "node:crypto";

/**
 * A hash of `node:crypto`, which is loaded when one is first made: loading it costs every container several milliseconds,
 * and few of them hash anything.
 */
export function createHash(algorithm: string): Hash {
  return process.getBuiltinModule("node:crypto").createHash(algorithm);
}
