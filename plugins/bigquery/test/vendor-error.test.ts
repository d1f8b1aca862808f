import { FlyteError, type FlyteErrorCode } from "@flyte-ts/core/plugin";
import { describe, expect, it } from "vitest";
import { vendorError } from "../src/vendor-error.ts";

const thrown = (fields: object): Error => Object.assign(new Error("as the SDK says"), fields);
const errors = (reason: string) => [{ reason, message: `because of ${reason}`, location: "query" }];

/** BigQuery's reasons, the status that they come with, what they are here, and whether they pass. */
const reasons: readonly [string, number, FlyteErrorCode, boolean][] = [
  ["accessDenied", 403, "PermissionDenied", false],
  ["authError", 401, "PermissionDenied", false],
  ["backendError", 503, "Unavailable", true],
  ["billingNotEnabled", 403, "PermissionDenied", false],
  ["bytesBilledLimitExceeded", 400, "TooLarge", false],
  ["duplicate", 409, "AlreadyExists", false],
  ["internalError", 500, "Unavailable", true],
  ["invalid", 400, "InvalidInput", false],
  ["invalidQuery", 400, "InvalidInput", false],
  ["jobRateLimitExceeded", 400, "Throttled", true],
  ["jobBackendError", 400, "Unavailable", true],
  ["notFound", 404, "NotFound", false],
  ["notImplemented", 501, "Unsupported", false],
  ["quotaExceeded", 403, "TooLarge", false],
  ["rateLimitExceeded", 403, "Throttled", true],
  ["resourcesExceeded", 400, "TooLarge", false],
  ["responseTooLarge", 403, "TooLarge", false],
  ["stopped", 400, "TaskFailed", false],
  ["tableUnavailable", 400, "Unavailable", true],
];

describe("what the SDK throws", () => {
  it.each(reasons)("%s is known with the status %i and without any", (reason, status, code, passes) => {
    for (const fields of [{ code: status, errors: errors(reason) }, { errors: errors(reason) }]) {
      const error = vendorError(thrown(fields), "start the job j");
      expect(error).toMatchObject({ code, recoverable: passes, cause: { message: "as the SDK says" } });
      expect((error as FlyteError).message).toContain("BigQuery: cannot start the job j: because of ");
      expect((error as FlyteError).message).toContain(reason);
    }
  });

  it.each<[number, FlyteErrorCode]>([
    [400, "InvalidInput"],
    [401, "PermissionDenied"],
    [403, "PermissionDenied"],
    [404, "NotFound"],
    [408, "Unavailable"],
    [409, "AlreadyExists"],
    [429, "Throttled"],
    [500, "Unavailable"],
    [502, "Unavailable"],
    [504, "Unavailable"],
  ])("a status of %i without a reason says enough", (code, expected) => {
    expect(vendorError(thrown({ code, errors: [] }), "x")).toMatchObject({ code: expected });
    expect(vendorError(thrown({ code, errors: [{ reason: "new", message: "" }] }), "x")).toMatchObject({
      code: expected,
    });
  });

  it("a job that failed for a reason nobody knows has failed", () => {
    expect(vendorError(thrown({ errors: errors("somethingNew") }), "x")).toMatchObject({ code: "TaskFailed" });
  });

  it.each([
    ["a broken connection", { code: "ECONNRESET", name: "FetchError" }],
    ["an address that is not found", { code: "ENOTFOUND" }],
    ["a body that was cut off", { code: "ERR_STREAM_PREMATURE_CLOSE" }],
    ["an answer that was", { code: "ECONNRESET", name: "FetchError", response: { status: 200, headers: {} } }],
    ["the SDK's own time-out", { type: "request-timeout", name: "FetchError" }],
  ])("%s passes", (_, fields) => {
    expect(vendorError(thrown(fields), "x")).toMatchObject({ code: "Unavailable", recoverable: true });
  });

  it.each([
    ["Could not load the default credentials. Browse to https://cloud.google.com/docs/authentication", {}],
    ["invalid_grant: Invalid JWT Signature.", { status: 400, code: "400" }],
  ])("credentials that are none are the operator's to mend: %s", (message, fields) => {
    const error = vendorError(Object.assign(new Error(message), fields), "x");
    expect(error).toMatchObject({ code: "PermissionDenied" });
    expect((error as FlyteError).message).toContain("config.credentials");
  });

  it("how long to wait is taken from the answer, whatever form its headers have", () => {
    for (const headers of [{ "retry-after": "7" }, new Headers({ "Retry-After": "7" })]) {
      const error = vendorError(thrown({ code: 429, errors: [], response: { headers } }), "x");
      expect(error).toMatchObject({ code: "Throttled", retryAfterMs: 7000 });
    }
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    const late = vendorError(thrown({ code: 429, response: { headers: { "retry-after": date } } }), "x") as FlyteError;
    expect(Math.round((late.retryAfterMs ?? 0) / 60_000)).toBe(60);
    expect(vendorError(thrown({ code: 429, response: { headers: { "retry-after": "soon" } } }), "x")).toMatchObject({
      retryAfterMs: undefined,
    });
    expect(vendorError(thrown({ code: 429, response: { headers: {} } }), "x")).toMatchObject({
      retryAfterMs: undefined,
    });
  });

  it("faults of the program and errors of ours come back as they are", () => {
    const fault = new TypeError("x is not a function");
    expect(vendorError(fault, "x")).toBe(fault);
    const ours = new FlyteError("Unavailable", "no answer");
    expect(vendorError(ours, "x")).toBe(ours);
    expect(vendorError("text", "x")).toBe("text");
  });
});
