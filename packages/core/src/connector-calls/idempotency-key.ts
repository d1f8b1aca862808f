import { sha256 } from "../storage/create-hash.ts";

/** What tells an attempt of a task from every other. */
export interface AttemptIdentity {
  readonly project: string;
  readonly domain: string;
  /** The execution's name. */
  readonly execution: string;
  readonly node: string;
  readonly task: string;
  /** The task's version. */
  readonly version: string;
  /** As Flyte counts it (`retry_attempt`). */
  readonly attempt: number;
  /**
   * The folder of the attempt's outputs. It alone tells two calls of one sub-workflow apart: propeller sends the same
   * node id for both.
   */
  readonly outputPrefix: string;
}

/** The keys of an attempt, each 64 hexadecimal digits. */
export interface AttemptKeys {
  /** The same for every repetition of the attempt. */
  readonly idempotencyKey: string;
  /** The same for all attempts of the node. */
  readonly nodeKey: string;
}

/**
 * The keys of an attempt: SHA-256 of its identity, the parts joined by NUL behind `flyte-ts/1`. The node's key leaves out
 * the attempt, and the last segment of the output prefix, which is the attempt's.
 */
export function attemptKeys(identity: AttemptIdentity): AttemptKeys {
  return { idempotencyKey: idempotencyKeyOf(identity), nodeKey: nodeKeyOf(identity) };
}

/** The idempotency key alone. */
export function idempotencyKeyOf(identity: AttemptIdentity): string {
  return sha256(`${common(identity)}\0${identity.attempt}\0${trimmedPrefix(identity.outputPrefix)}`);
}

/** The node's key alone. */
export function nodeKeyOf(identity: AttemptIdentity): string {
  const prefix = trimmedPrefix(identity.outputPrefix);
  return sha256(`${common(identity)}\0${prefix.slice(0, Math.max(prefix.lastIndexOf("/"), 0))}`);
}

/** A folder without the slashes at its end. */
export const trimmedPrefix = (prefix: string): string => (prefix.endsWith("/") ? prefix.replace(/\/+$/, "") : prefix);

const common = ({ project, domain, execution, node, task, version }: AttemptIdentity): string =>
  `flyte-ts/1\0${project}\0${domain}\0${execution}\0${node}\0${task}\0${version}`;
