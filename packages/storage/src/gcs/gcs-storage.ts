import { type Storage, systemClock } from "@flyte-ts/core/plugin";
import { ObjectStorage } from "../objects/object-storage.ts";
import type { GcsStorageOptions } from "./gcs-options.ts";
import { parseGcsUri } from "./gcs-uri.ts";

/** Objects in Google Cloud Storage. Google's library for credentials is loaded when credentials are first looked for. */
export function gcsStorage(options: GcsStorageOptions): Storage {
  return new ObjectStorage(
    {
      leastPartBytes: 1,
      parse: parseGcsUri,
      connect: async () => {
        const { JsonApiClient } = await import("./json-api-client.ts");
        return new JsonApiClient(options, options.clock ?? systemClock);
      },
    },
    options,
  );
}
