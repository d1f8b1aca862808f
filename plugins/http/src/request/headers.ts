import { FlyteError } from "@flyte-ts/core/plugin";
import type { HttpMethod } from "../webhook-config.ts";

/** Methods that may be repeated (RFC 9110, 9.2.2). */
const idempotent: ReadonlySet<HttpMethod> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

/** True for a method that has the same effect twice as once. */
export function isIdempotent(method: HttpMethod): boolean {
  return idempotent.has(method);
}

/** What belongs to the connection, and would let a header speak of another request than this one. */
const ours: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "te",
  "trailer",
  "upgrade",
  "expect",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
]);

/** @throws FlyteError `InvalidDefinition` for a name that no header has, or that this package sets by itself. */
export function checkHeaderName(name: string): void {
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) {
    throw new FlyteError("InvalidDefinition", `"${name}" is no header's name: letters, digits and - only`);
  }
  if (ours.has(name.toLowerCase())) {
    throw new FlyteError("InvalidDefinition", `the header ${name} belongs to the connection, and cannot be given`);
  }
}

/** @throws FlyteError as `checkHeaderName`; `InvalidInput` for a value that no header can hold. It is not shown. */
export function checkHeader(name: string, value: string): void {
  checkHeaderName(name);
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return;
  throw new FlyteError(
    "InvalidInput",
    `the header ${name} would hold a character that no header may: a line break, a control character, or one beyond Latin-1`,
  );
}
