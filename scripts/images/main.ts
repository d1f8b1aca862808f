/**
 * Builds the images of this repository from its packed packages, and pushes them:
 * `npm run images -- [NAME …] [--push TARGET] [--registry R] [--dry-run]`. `--help` says more.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildImages } from "./build.ts";

const usage = `npm run images -- [NAME …] [options]

Builds the images of the packages NAME (unscoped: runtime, sqlite3), all of them without a NAME, each on the runtime's.

  --registry R     build them under this registry (else FLYTE_TS_IMAGE_REGISTRY, flyte-ts.config.json, ghcr.io/flyte-ts)
  --push TARGET    push those that were named: "registry", or "oci-archive:FILE" ({name} in FILE becomes the NAME)
  --dry-run        only say what would be built, with what

  FLYTE_TS_BUILDER       docker, podman or buildah; else the first of them that answers
  FLYTE_TS_BUILD_ARGS    more arguments for every build
  FLYTE_TS_NODE_IMAGE    the image that the runtime's starts from`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    registry: { type: "string" },
    push: { type: "string" },
    "dry-run": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(usage);
} else {
  const scratch = mkdtempSync(join(tmpdir(), "flyte-ts-images-"));
  try {
    await buildImages({
      root: dirname(dirname(dirname(fileURLToPath(import.meta.url)))),
      scratch,
      names: positionals,
      registry: values.registry,
      push: values.push,
      dryRun: values["dry-run"],
      report: (line) => console.log(line),
    });
  } catch (error) {
    console.error(`images: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
