import { failureOf } from "@flyte-ts/core/testing";
import { expect, it } from "vitest";
import { call, testServer } from "./fixture.ts";

const server = await testServer();

it.each([
  ["expected_status", [[200]]],
  ["expected_status", 200],
  ["expected_status", []],
  ["expected_status", [["200", "299"]]],
  ["expected_status", [[299, 200]]],
  ["expected_status", [[0, 999]]],
  ["max_redirects", 1e9],
  ["max_redirects", -1],
  ["max_redirects", "5"],
  ["max_response_bytes", -1],
  ["max_response_bytes", "many"],
  ["response", "xml"],
  ["text_body", { a: 1 }],
  ["idempotency_header", 7],
  ["secret_headers.A", { key: "../../etc/passwd" }],
  ["secret_headers.A", { group: "a/b", key: "c" }],
  ["secret_headers.A", { key: "c", version: ".." }],
  ["secret_headers.A", { key: "" }],
  ["secret_headers.A", { key: "c", group: 7 }],
])("a template whose %s is %j is refused for good, and nothing is sent", async (key, value) => {
  const flyte_ts = key.startsWith("secret_headers") ? { secret_headers: { A: value } } : { [key]: value };
  const error = await failureOf(call({ url: server.url, flyte_ts }));
  expect([error.code, error.kind, error.recoverable]).toEqual(["InvalidDefinition", "user", false]);
  expect(error.message).toContain(key);
  expect(server.got).toEqual([]);
});
