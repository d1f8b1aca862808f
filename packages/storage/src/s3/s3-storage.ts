import { type Storage, systemClock } from "@flyte-ts/core/plugin";
import { ObjectStorage } from "../objects/object-storage.ts";
import type { S3StorageOptions } from "./s3-options.ts";
import { parseS3Uri } from "./s3-uri.ts";

/** Objects in S3 and in stores that speak its protocol. AWS' SDK is loaded with the first request. */
export function s3Storage(options: S3StorageOptions): Storage {
  return new ObjectStorage(
    {
      leastPartBytes: 5 * 2 ** 20,
      parse: parseS3Uri,
      connect: async () => {
        const { SdkClient } = await import("./sdk-client.ts");
        return new SdkClient(options, options.clock ?? systemClock);
      },
    },
    options,
  );
}
