import { type Storage, systemClock } from "@flyte-ts/core/plugin";
import { ObjectStorage } from "../objects/object-storage.ts";
import type { AzureStorageOptions } from "./azure-options.ts";
import { parseAzureUri } from "./azure-uri.ts";

/** Objects in Azure Blob Storage and Data Lake Storage Gen2. Azure's SDK is loaded with the first request. */
export function azureStorage(options: AzureStorageOptions): Storage {
  return new ObjectStorage(
    {
      leastPartBytes: 1,
      parse: parseAzureUri,
      connect: async () => {
        const { BlobClient } = await import("./blob-client.ts");
        return new BlobClient(options, options.clock ?? systemClock);
      },
    },
    options,
  );
}
