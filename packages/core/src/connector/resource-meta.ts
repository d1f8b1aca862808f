import type { StandardSchema } from "../types/standard-schema.ts";

/**
 * How a connector's `ResourceMeta` looks: what `create` returns, and what `get` and `delete` need to find the job again,
 * in another process and after an update of the connector. It is JSON, stays in the workflow's resource in Kubernetes
 * (16 KiB at most), and holds no secret: a value that one of the call's secrets is part of is refused.
 */
export interface ResourceMetaDeclaration<Meta> {
  /** From 1; goes up when metas of an earlier version would not pass `schema`. */
  readonly version: number;
  /** Checks a meta when it is written and when it is read, with any library of Standard Schema. */
  readonly schema: StandardSchema<unknown, Meta>;
  /**
   * Makes a meta of this version from one of an earlier version; needed as soon as `version` is above 1. What it returns
   * is checked by `schema`.
   */
  readonly upgrade?: ((meta: unknown, version: number) => unknown) | undefined;
}

/**
 * A schema of metas, for whom no library of schemas is worth its weight.
 * @param issue what is wrong with a value, such as `id is a text`; undefined for a meta.
 */
export function metaSchema<Meta>(issue: (value: unknown) => string | undefined): StandardSchema<unknown, Meta> {
  const validate = (value: unknown) => {
    const message = issue(value);
    return message === undefined ? { value: value as Meta } : { issues: [{ message }] };
  };
  return { "~standard": { version: 1, vendor: "flyte-ts", validate } };
}

/** The most bytes of JSON that a meta may have. */
export const maxResourceMetaBytes = 16_384;
