/**
 * Builds the JavaScript of one package: every entry of its `exports` and every file of `bin-src/` becomes a bundle in
 * `dist/`, with the code that they share in chunks. Types come from `tsc -b`.
 *
 * Bundles, because a container pays for every file that Node opens at start: core unbundled is some hundred files with
 * the protobuf runtime, bundled it is two. `inlined` names the packages whose code goes into the bundles; a package.json
 * may name more under `inlined`, from its devDependencies, whose own dependencies then go in, too.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { literalFileDesc, withLiteral } from "./descriptors/literal-descriptors.ts";
import { thirdPartyLicenses } from "./third-party-licenses.ts";

interface Manifest {
  readonly name: string;
  readonly engines?: { readonly node?: string };
  readonly bin?: unknown;
  readonly inlined?: readonly string[];
  readonly exports: Record<string, string | { "@flyte-ts/source"?: string; default?: string }>;
}

const folder: string = process.argv[2] ?? process.cwd();
const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
const inlined = ["@flyte-ts/idl", "@bufbuild/protobuf", "@msgpack/msgpack", ...(manifest.inlined ?? [])];
const entries = Object.values(manifest.exports).flatMap((entry) =>
  typeof entry === "object" && entry["@flyte-ts/source"] !== undefined && entry.default?.endsWith(".js")
    ? [entry["@flyte-ts/source"]]
    : [],
);
const { metafile } = await build({
  absWorkingDir: folder,
  entryPoints: entries,
  outdir: "dist",
  outbase: "src",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  metafile: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22",
  banner: { js: nodeCheck() },
  sourcemap: true,
  // Names stay as they are, for stack traces; what goes is what a start would parse for nothing.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcesContent: false,
  // Of packages that have both, their ES modules: only these can be cut down to what is used.
  conditions: ["@flyte-ts/source", "module"],
  mainFields: ["module", "main"],
  logLevel: "warning",
  plugins: [
    literalFileDesc,
    {
      name: "external-packages",
      setup(hooks) {
        hooks.onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) => {
          if (kind === "entry-point" || inlined.some((name) => path === name || path.startsWith(`${name}/`)))
            return null;
          if (importer.includes("/node_modules/") && !path.startsWith("node:")) return null;
          return { path, external: true };
        });
      },
    },
    {
      // CommonJS code that goes into a bundle requires modules of Node's, and a module has no `require`.
      name: "required-builtins",
      setup(hooks) {
        hooks.onResolve({ filter: /^(node:)?[a-z_]+(\/[a-z]+)?$/ }, ({ path, kind }) =>
          kind === "require-call" && isBuiltin(path) ? { path, namespace: "required-builtin" } : null,
        );
        hooks.onLoad({ filter: /.*/, namespace: "required-builtin" }, ({ path }) => ({
          contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
        }));
      },
    },
    {
      // The generated code of flyteidl is lazy already (packages/idl/src/lazy.ts); so becomes that of protobuf's own types.
      name: "lazy-descriptors",
      setup(hooks) {
        hooks.onLoad({ filter: /[\\/]idl[\\/]src[\\/]gen[\\/].*_pb\.ts$/ }, async ({ path }) => ({
          contents: withLiteral(await readFile(path, "utf8")),
          loader: "ts",
        }));
        hooks.onLoad({ filter: /[\\/]@bufbuild[\\/]protobuf[\\/].*_pb\.js$/ }, async ({ path }) => {
          const source = await readFile(path, "utf8");
          const lazied = source.replace(
            /= \/\*@__PURE__\*\/ ((?:boot|(?:file|message|enum)Desc)\(.*\));$/gm,
            "= /*@__PURE__*/ lazy(() => $1);",
          );
          const contents = `import { lazy } from "@flyte-ts/idl/lazy";\n${withLiteral(lazied)}`;
          return { contents, loader: "js" };
        });
      },
    },
  ],
});
// Chunks of an earlier build go last, so that a process that is just starting finds what it needs.
const chunks = join(folder, "dist/chunks");
const made = new Set(Object.keys(metafile.outputs).map((output) => join(folder, output)));
for (const name of existsSync(chunks) ? readdirSync(chunks) : []) {
  if (!made.has(join(chunks, name))) rmSync(join(chunks, name));
}
const licenses = thirdPartyLicenses(metafile, folder);
if (licenses !== "") writeFileSync(join(folder, "dist/THIRD-PARTY-LICENSES.txt"), licenses);

/**
 * What stands at the head of every file: a Node that is older than the package's `engines` is named, where it would
 * otherwise stop at the first thing that it does not know. Programs look for themselves, and say it without a trace.
 */
function nodeCheck(): string {
  if (manifest.bin !== undefined) return "";
  const [, major, minor] = /^>=(\d+)\.(\d+)$/.exec(manifest.engines?.node ?? "") ?? [];
  if (major === undefined || minor === undefined) {
    throw new Error(`${manifest.name}: engines.node is "${manifest.engines?.node}"; it must be like ">=22.18"`);
  }
  const message = `${manifest.name} needs Node ${major}.${minor} or newer; this is `;
  const older = `(([a,b])=>a<${major}||a==${major}&&b<${minor})(process.versions.node.split("."))`;
  return `if(${older})throw new Error(${JSON.stringify(message)}+process.versions.node+" ("+process.execPath+")");`;
}
