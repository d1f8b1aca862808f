import http from "node:http";
import https from "node:https";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import type { S3StorageOptions } from "./s3-options.ts";

/** The SDK's client as the options want it; `anonymous` sends no signature. */
export async function newClient(options: S3StorageOptions, anonymous: boolean): Promise<S3Client> {
  const { endpoint, region, credentials, addressing, timeoutMs = 60_000, connectTimeoutMs = 10_000 } = options;
  const config: S3ClientConfig = {
    maxAttempts: 1,
    followRegionRedirects: true,
    forcePathStyle: addressing === undefined ? endpoint !== undefined : addressing === "path",
    // The process's own agents know the proxy that NODE_USE_ENV_PROXY asks for.
    requestHandler: {
      connectionTimeout: connectTimeoutMs,
      socketTimeout: timeoutMs,
      httpAgent: http.globalAgent,
      httpsAgent: https.globalAgent,
    },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(anonymous
      ? { credentials: { accessKeyId: "", secretAccessKey: "" }, signer: { sign: async (request) => request } }
      : {}),
  };
  const client = new S3Client(region === undefined ? config : { ...config, region });
  if (region !== undefined) return client;
  return client.config.region().then(
    () => client,
    () => new S3Client({ ...config, region: "us-east-1" }),
  );
}
