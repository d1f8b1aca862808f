import { createS3Storage, type S3StorageOptions } from "@flyte-ts/storage";
import { afterEach, beforeEach, vi } from "vitest";
import { PausingClock } from "./bytes.ts";
import { S3Server } from "./s3-server.ts";

/** What a test of S3 has around it. */
export interface S3Surroundings {
  readonly server: S3Server;
  readonly clock: PausingClock;
  /** Puts a new server in the place of one that was stopped. */
  readonly restart: () => Promise<void>;
  /** A storage that asks the server. */
  readonly storage: (options?: S3StorageOptions) => ReturnType<typeof createS3Storage>;
}

/** Of any account of the server's. */
export const s3Keys = { accessKeyId: "test", secretAccessKey: "testtest" };

/** A server and a clock for each test of a file, and none of the environment's settings. */
export function s3Surroundings(): S3Surroundings {
  let server: S3Server;
  let clock: PausingClock;
  beforeEach(async () => {
    server = await S3Server.start();
    clock = new PausingClock();
    for (const name of Object.keys(process.env)) if (/^(FLYTE_)?AWS_/.test(name)) vi.stubEnv(name, undefined);
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    vi.stubEnv("AWS_CONFIG_FILE", "/dev/null");
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await server.web.stop();
  });
  return {
    get server() {
      return server;
    },
    get clock() {
      return clock;
    },
    restart: async () => {
      server = await S3Server.start();
    },
    storage: (options = {}) =>
      createS3Storage({ endpoint: server.web.origin, credentials: s3Keys, clock, random: () => 1, ...options }),
  };
}
