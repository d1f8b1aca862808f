import type { ObjectStorageOptions } from "../objects/object-options.ts";

/** An application of Entra ID with a secret. */
export interface AzureClientSecret {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Options of a store of `abfs:` and `az:` URIs. */
export interface AzureStorageOptions extends ObjectStorageOptions {
  /** The storage account of URIs that name none: `abfs://container/key`. */
  readonly accountName?: string;
  /** The account's key; else `sasToken`, `clientSecret`, else Azure's default chain. */
  readonly accountKey?: string;
  /** A shared access signature. */
  readonly sasToken?: string;
  readonly clientSecret?: AzureClientSecret;
  /** The URL of the account's blob service where that is not Azure's own: `http://127.0.0.1:10000/devstoreaccount1`. */
  readonly endpoint?: string;
  /** Send no credentials, for public containers. */
  readonly anonymous?: boolean;
}
