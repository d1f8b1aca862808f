import { createHash } from "node:crypto";
import { attemptKeys } from "@flyte-ts/core/plugin";
import { describe, expect, test } from "vitest";

const identity = {
  project: "p",
  domain: "d",
  execution: "e",
  node: "n0",
  task: "query",
  version: "v1",
  attempt: 0,
  outputPrefix: "s3://b/p-d-e/n0/data/0",
};

describe("the keys of an attempt", () => {
  test("are SHA-256 of the attempt's identity behind flyte-ts/1, joined by NUL", () => {
    const sha = (...parts: string[]) => createHash("sha256").update(parts.join("\0")).digest("hex");
    expect(attemptKeys(identity)).toEqual({
      idempotencyKey: sha("flyte-ts/1", "p", "d", "e", "n0", "query", "v1", "0", "s3://b/p-d-e/n0/data/0"),
      nodeKey: sha("flyte-ts/1", "p", "d", "e", "n0", "query", "v1", "s3://b/p-d-e/n0/data"),
    });
  });

  test("do not change with a slash at the prefix's end", () => {
    const slashed = { ...identity, outputPrefix: `${identity.outputPrefix}/` };
    expect(attemptKeys(slashed)).toEqual(attemptKeys(identity));
  });

  test("tell two calls of one sub-workflow apart by the prefix alone", () => {
    const other = { ...identity, outputPrefix: "s3://b/p-d-e/n1-0-n0/data/0" };
    expect(attemptKeys(other).idempotencyKey).not.toBe(attemptKeys(identity).idempotencyKey);
    expect(attemptKeys(other).nodeKey).not.toBe(attemptKeys(identity).nodeKey);
  });

  test("of two attempts of one node differ, and have the node's key in common", () => {
    const next = { ...identity, attempt: 1, outputPrefix: "s3://b/p-d-e/n0/data/1" };
    expect(attemptKeys(next).idempotencyKey).not.toBe(attemptKeys(identity).idempotencyKey);
    expect(attemptKeys(next).nodeKey).toBe(attemptKeys(identity).nodeKey);
  });
});
