/**
 * Builds the images of this repository from its packed packages, and pushes them:
 * `npm run images -- [NAME …] [--push TARGET] [--registry R] [--dry-run]`. `--help` says more.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildImages } from "./build.ts";
import { runProgram } from "./program.ts";

const usage = `npm run images -- [NAME …] [options]

Builds the images of the packages NAME (unscoped: runtime, sqlite3), all of them without a NAME, each on the runtime's;
"connector" is the connector service's.

  --registry R     build them under this registry (else FLYTE_TS_IMAGE_REGISTRY, flyte-ts.config.json, ghcr.io/flyte-ts)
  --push TARGET    push those that were named: "registry", or "oci-archive:FILE" ({name} in FILE becomes the NAME)
  --plugin NAME    a plugin in the connector service's image (unscoped); may stand several times; without it, all that
                   have connectors or sensors
  --dry-run        only say what would be built, with what

  FLYTE_TS_BUILDER       docker, podman or buildah; else the first of them that answers
  FLYTE_TS_BUILD_ARGS    more arguments for every build
  FLYTE_TS_NODE_IMAGE    the image that the runtime's starts from`;

await runProgram("images", async (scratch) => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      registry: { type: "string" },
      push: { type: "string" },
      plugin: { type: "string", multiple: true },
      "dry-run": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  await buildImages({
    root: join(import.meta.dirname, "../.."),
    scratch,
    names: positionals,
    registry: values.registry,
    plugins: values.plugin,
    push: values.push,
    dryRun: values["dry-run"],
    report: (line) => console.log(line),
  });
});
