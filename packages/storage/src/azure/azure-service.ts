import type { TokenCredential } from "@azure/identity";
import {
  AnonymousCredential,
  type BlobClient,
  BlobSASPermissions,
  BlobServiceClient,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { FlyteError } from "@flyte-ts/core/plugin";
import type { AzureStorageOptions } from "./azure-options.ts";

/** Where to copy from, and by which right. */
export interface CopySource {
  readonly url: string;
  readonly sourceAuthorization?: { readonly scheme: string; readonly value: string };
}

/** The SDK's clients, one for every storage account, with the credentials that the options name. */
export class AzureService {
  readonly #options: AzureStorageOptions;
  readonly #services = new Map<string, Promise<BlobServiceClient>>();
  #tokens: Promise<TokenCredential> | undefined;

  constructor(options: AzureStorageOptions) {
    this.#options = options;
  }

  /**
   * The client of an account.
   * @param account the host of its blob service; undefined for the one that is configured.
   * @throws FlyteError `InvalidInput` where neither the URI nor the configuration names an account.
   */
  client(account: string | undefined): Promise<BlobServiceClient> {
    const url = this.#url(account);
    const known = this.#services.get(url);
    if (known !== undefined) return known;
    const made = this.#make(url);
    this.#services.set(url, made);
    made.catch(() => this.#services.delete(url));
    return made;
  }

  /** How a blob can be the source of a copy: Azure wants an explicit right to it, even inside one account. */
  async source(blob: BlobClient): Promise<CopySource> {
    if (blob.credential instanceof StorageSharedKeyCredential) {
      const expiresOn = new Date(Date.now() + 3_600_000);
      return { url: await blob.generateSasUrl({ permissions: BlobSASPermissions.parse("r"), expiresOn }) };
    }
    if (this.#tokens === undefined) return { url: blob.url };
    const found = await (await this.#tokens).getToken("https://storage.azure.com/.default");
    return {
      url: blob.url,
      ...(found === null ? {} : { sourceAuthorization: { scheme: "Bearer", value: found.token } }),
    };
  }

  async #make(url: string): Promise<BlobServiceClient> {
    const { accountName, accountKey, sasToken, anonymous } = this.#options;
    // The SDK repeats nothing: `ObjectStorage` does.
    const options = { retryOptions: { maxTries: 1 } };
    if (anonymous === true) return new BlobServiceClient(url, new AnonymousCredential(), options);
    const name = accountName ?? nameOf(url);
    if (accountKey !== undefined) {
      return new BlobServiceClient(url, new StorageSharedKeyCredential(name, accountKey), options);
    }
    if (sasToken !== undefined) {
      return new BlobServiceClient(`${url}?${sasToken.replace(/^\?/, "")}`, new AnonymousCredential(), options);
    }
    this.#tokens ??= this.#tokenCredential();
    return new BlobServiceClient(url, await this.#tokens, options);
  }

  async #tokenCredential(): Promise<TokenCredential> {
    const { ClientSecretCredential, DefaultAzureCredential } = await import("@azure/identity");
    const { clientSecret } = this.#options;
    if (clientSecret === undefined) return new DefaultAzureCredential();
    return new ClientSecretCredential(clientSecret.tenantId, clientSecret.clientId, clientSecret.clientSecret);
  }

  #url(account: string | undefined): string {
    const { accountName, endpoint } = this.#options;
    if (endpoint !== undefined) return endpoint.replace(/\/+$/, "");
    if (account !== undefined) return `https://${account}`;
    if (accountName !== undefined) return `https://${accountName}.blob.core.windows.net`;
    const advice = "set FLYTE_AZURE_STORAGE_ACCOUNT_NAME, or write abfs://container@account.dfs.core.windows.net/…";
    throw new FlyteError("InvalidInput", `no storage account is named: ${advice}`);
  }
}

/** The account of a blob service: in Azure the host's first part, elsewhere the path's. */
function nameOf(url: string): string {
  const { hostname, pathname } = new URL(url);
  return pathname.length > 1 ? (pathname.split("/")[1] ?? "") : (hostname.split(".")[0] ?? "");
}
