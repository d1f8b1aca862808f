/**
 * Builds the JavaScript of one package: every entry of its `exports` and every file of `bin-src/` becomes a bundle in
 * `dist/`, with the code that they share in chunks. Types come from `tsc -b`.
 *
 * Bundles, because a container pays for every file that Node opens at start: core unbundled is some hundred files with
 * the protobuf runtime, bundled it is two. `inlined` names the packages whose code goes into the bundles.
 */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

interface Manifest {
  readonly name: string;
  readonly exports: Record<string, string | { "@flyte-ts/source"?: string; default?: string }>;
}

const inlined = ["@flyte-ts/idl", "@bufbuild/protobuf", "@msgpack/msgpack"];

const folder: string = process.argv[2] ?? process.cwd();
const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
const entries = Object.values(manifest.exports).flatMap((entry) =>
  typeof entry === "object" && entry["@flyte-ts/source"] !== undefined && entry.default?.endsWith(".js")
    ? [entry["@flyte-ts/source"]]
    : [],
);
for (const old of ["chunks"]) rmSync(join(folder, "dist", old), { recursive: true, force: true });
await build({
  absWorkingDir: folder,
  entryPoints: entries,
  outdir: "dist",
  outbase: "src",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22",
  sourcemap: true,
  sourcesContent: false,
  conditions: ["@flyte-ts/source"],
  logLevel: "warning",
  plugins: [
    {
      name: "external-packages",
      setup(hooks) {
        hooks.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
          if (kind === "entry-point" || inlined.some((name) => path === name || path.startsWith(`${name}/`)))
            return null;
          return { path, external: true };
        });
      },
    },
  ],
});
