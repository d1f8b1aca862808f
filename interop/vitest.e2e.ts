import { defineConfig } from "vitest/config";

// The suites read the sources of what they use here; what the cluster starts is the built one.
const conditions = ["@flyte-ts/source", "node", "import", "module", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["@flyte-ts/source"] } },
  test: {
    include: ["interop/e2e/**/*.test.ts"],
    globalSetup: ["interop/src/flyte/set-up-cluster.ts"],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 600_000,
    teardownTimeout: 60_000,
  },
});
