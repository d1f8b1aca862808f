import type { Hash } from "node:crypto";

/**
 * A hash of `node:crypto`, which is loaded when one is first made: loading it costs every container several milliseconds,
 * and few of them hash anything.
 */
export function createHash(algorithm: string): Hash {
  return process.getBuiltinModule("node:crypto").createHash(algorithm);
}

/** SHA-256 of a text's UTF-8 in hexadecimal, without the objects that a hash in several steps needs. */
export function sha256(text: string): string {
  return process.getBuiltinModule("node:crypto").hash("sha256", text, "hex");
}
