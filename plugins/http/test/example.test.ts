import { expect, test, vi } from "vitest";

test("the example runs here", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  vi.stubEnv("FLYTE_TS_HTTP_ALLOW", "");
  vi.stubEnv("DESK_TOKEN", "");
  try {
    await import("../examples/notify.ts");
    expect(log.mock.calls).toEqual([["Bearer Ada has ticket 4711"]]);
  } finally {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  }
});
