import { createS3Storage } from "@flyte-ts/storage";
import { describe, expect, test, vi } from "vitest";
import { collect, sample } from "./bytes.ts";
import { s3Fault } from "./s3-server.ts";
import { s3Keys, s3Surroundings } from "./s3-surroundings.ts";

const around = s3Surroundings();

describe("the configuration of s3", () => {
  test("comes from Flyte's variables, before AWS' own", async () => {
    vi.stubEnv("FLYTE_AWS_ENDPOINT", around.server.web.origin);
    vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    vi.stubEnv("FLYTE_AWS_ACCESS_KEY_ID", "of-flyte");
    vi.stubEnv("FLYTE_AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "of-aws");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv("FLYTE_AWS_RETRIES", "2");
    vi.stubEnv("FLYTE_AWS_BACKOFF_SECONDS", "0.5");
    around.server.web.always = s3Fault(500, "InternalError");
    await expect(
      (await createS3Storage({ clock: around.clock, random: () => 1 })).stat("s3://bucket/object"),
    ).rejects.toMatchObject({
      code: "Unavailable",
    });
    expect(around.server.web.seen).toHaveLength(3);
    expect(around.clock.pauses).toEqual([500, 1000]);
    expect(around.server.web.seen[0]?.headers.authorization).toMatch(/Credential=of-flyte\/\d+\/us-east-1\/s3/);
    expect(around.server.web.seen[0]?.path).toBe("/bucket/object");
  });

  test("leaves to AWS' variables what Flyte's do not say", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL_S3", around.server.web.origin);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "of-aws");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv("AWS_SESSION_TOKEN", "session");
    vi.stubEnv("AWS_DEFAULT_REGION", "eu-north-1");
    expect(await (await createS3Storage()).stat("s3://bucket/object")).toBeUndefined();
    expect(around.server.web.seen[0]?.headers).toMatchObject({
      authorization: expect.stringMatching(/Credential=of-aws\/\d+\/eu-north-1\/s3/),
      "x-amz-security-token": "session",
    });
    expect(around.server.web.seen[0]?.path).toBe("/bucket/object");
  });

  test("puts the bucket into the host where that is asked for", async () => {
    const port = new URL(around.server.web.origin).port;
    vi.stubEnv("FLYTE_AWS_ADDRESSING_STYLE", "virtual");
    vi.stubEnv("FLYTE_AWS_ENDPOINT", `http://localhost:${port}`);
    const failed = (await createS3Storage({ credentials: s3Keys, retries: 0 })).stat(
      "s3://no-such-host-of-a-test/object",
    );
    const outcome = await failed.catch((error: Error) => error);
    const host = around.server.web.seen[0]?.headers.host ?? (outcome as Error).message;
    expect(host).toContain("no-such-host-of-a-test.localhost");
  });

  test("writes a line for each request where debugging is on", async () => {
    const lines: string[] = [];
    await (await around.storage({ debug: (line) => lines.push(line) })).stat("s3://bucket/object");
    expect(lines).toEqual([
      "s3 HeadObject s3://bucket/object: NotFound 404, 0 ms",
      "s3 HeadBucket s3://bucket/: ok, 0 ms",
    ]);
  });

  test.each([
    ["FLYTE_AWS_ENDPOINT", "minio:9000"],
    ["FLYTE_AWS_RETRIES", "three"],
    ["FLYTE_AWS_BACKOFF_SECONDS", "-1"],
    ["FLYTE_AWS_ACCESS_KEY_ID", "only-one"],
  ])("%s=%s is InvalidInput", async (name, value) => {
    vi.stubEnv(name, value);
    await expect(createS3Storage()).rejects.toMatchObject({
      code: "InvalidInput",
      message: expect.stringContaining(name),
    });
  });

  test.each([{ partBytes: 1000 }, { partBytes: 6e6 + 0.5 }, { concurrency: 0 }])(
    "%j is InvalidInput",
    async (options) => {
      const [name = "", value] = Object.entries(options)[0] ?? [];
      await expect(createS3Storage(options)).rejects.toMatchObject({
        code: "InvalidInput",
        message: expect.stringContaining(`${name} is ${value}`),
      });
    },
  );

  test.each(["s3:/bucket/key", "s3://", "s3:///key"])("the URI %s is InvalidInput", async (uri) => {
    await expect((await around.storage()).stat(uri)).rejects.toMatchObject({ code: "InvalidInput" });
  });

  test.each(["s3://bucket", "s3://bucket/", "s3://bucket/folder/"])("%s names no object", async (uri) => {
    expect(await (await around.storage()).stat(uri)).toBeUndefined();
    await expect(collect((await around.storage()).read(uri))).rejects.toMatchObject({ code: "InvalidInput" });
    await expect((await around.storage()).write(uri, sample(10))).rejects.toMatchObject({ code: "InvalidInput" });
  });
});
