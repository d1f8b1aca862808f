import { storageContract } from "@flyte-ts/core/testing";
import { createMemoryStorage } from "@flyte-ts/storage";
import { describe, expect, test } from "vitest";

describe("memory", () => {
  storageContract({
    test,
    subject: async () => ({ storage: await createMemoryStorage(), folder: "memory://bucket/folder" }),
  });

  test("a container that is not named is missing, and says so", async () => {
    const storage = await createMemoryStorage({ containers: ["there"] });
    expect(await storage.stat("memory://there/object")).toBeUndefined();
    await expect(storage.stat("memory://elsewhere/object")).rejects.toMatchObject({
      code: "NotFound",
      reason: "NoSuchContainer",
    });
  });
});
