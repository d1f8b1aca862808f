import type { AsyncConnector } from "@flyte-ts/core/plugin";

interface Meta {
  readonly id: string;
}

const isMeta = (value: unknown): value is Meta => typeof (value as Partial<Meta> | null)?.id === "string";

/** Takes every job, and says that it runs: what flytekit_service.py does, too. */
export const trivialConnector: AsyncConnector<Meta> = {
  name: "Bench",
  meta: {
    version: 1,
    schema: {
      "~standard": {
        version: 1,
        vendor: "bench",
        validate: (value) => (isMeta(value) ? { value } : { issues: [{ message: "there is no id" }] }),
      },
    },
  },
  requestsPerSecond: 1_000_000,
  // a vendor that can be asked by a key: for others a note is kept in the store
  find: async () => undefined,
  create: async () => ({ id: "job-0123456789" }),
  get: async () => ({
    phase: "RUNNING",
    message: "running",
    logLinks: [{ name: "Console", uri: "https://console.example/jobs/job-0123456789" }],
  }),
  delete: async () => {},
};
