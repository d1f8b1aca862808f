import { defineConfig } from "vitest/config";

// The suites read the sources of what they use here; the programs that they start are the built ones.
const conditions = ["@flyte-ts/source", "node", "import", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["@flyte-ts/source"] } },
  test: {
    include: ["interop/test/**/*.test.ts"],
    globalSetup: ["interop/src/prepare-peers.ts"],
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
});
