import { defineConfig } from "vitest/config";

// Tests read the sources: the condition leads every package's exports to `src/`.
const conditions = ["@flyte-ts/source", "node", "import", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["@flyte-ts/source"] } },
  test: {
    include: [
      "packages/*/test/**/*.test.ts",
      "plugins/*/test/**/*.test.ts",
      "scripts/**/*.test.ts",
      "examples/**/*.test.ts",
    ],
    testTimeout: 30_000,
  },
});
