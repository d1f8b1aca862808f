import { createHash } from "../storage/create-hash.ts";

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
  const { project, domain, execution, node, task, version, attempt } = identity;
  const prefix = identity.outputPrefix.replace(/\/+$/, "");
  const folder = prefix.slice(0, Math.max(prefix.lastIndexOf("/"), 0));
  const common = ["flyte-ts/1", project, domain, execution, node, task, version];
  return {
    idempotencyKey: digest([...common, String(attempt), prefix]),
    nodeKey: digest([...common, folder]),
  };
}

const digest = (parts: readonly string[]): string => createHash("sha256").update(parts.join("\0")).digest("hex");
