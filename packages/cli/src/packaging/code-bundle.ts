import { basename, extname, isAbsolute, relative, sep } from "node:path";
import { FlyteError } from "@flyte-ts/core/plugin";
import type { BuildOptions, BuildResult, Message, OutputFile, Plugin } from "esbuild";
import { isNative, packageAbove } from "./package-folder.ts";
import type { NamedBytes } from "./registration-files.ts";

/** What a bundle is made of. */
export interface CodeBundleOptions {
  /** The folder that paths in the bundle are relative to: the container's working folder. */
  readonly root: string;
  /** Packages that the image has, native ones too: they are not bundled. */
  readonly external: readonly string[];
}

/** The path that a module has when it is bundled: its own, with the ending of what Node takes for a module anywhere. */
export const bundledPath = (path: string): string => path.slice(0, -extname(path).length) + ending;

const ending = ".mjs";

/**
 * The JavaScript of modules and of all that they import, except what the image has: Node's own modules, flyte-ts, and
 * packages of plugins (which read their own package.json). Equal modules give equal bytes.
 * @param paths the modules' absolute paths.
 * @throws FlyteError `InvalidDefinition` that lists the native modules that would be needed, or what cannot be bundled.
 */
export async function codeBundle(paths: readonly string[], options: CodeBundleOptions): Promise<NamedBytes[]> {
  const { root } = options;
  const outside = new OutsidePackages(options.external);
  const below = (path: string): string => relative(root, path).replaceAll(sep, "/");
  const made = await bundled({
    absWorkingDir: root,
    entryPoints: paths.map((path) => ({ in: path, out: bundledPath(below(path)).slice(0, -ending.length) })),
    outdir: root,
    outExtension: { ".js": ending },
    chunkNames: ".flyte-ts-chunks/[name]-[hash]",
    plugins: [outside.plugin],
  });
  const used = Object.values(made.metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  outside.check(new Set(used), below);
  return made.outputFiles.map(({ path, contents }) => ({ name: below(path), bytes: contents }));
}

interface Bundled extends BuildResult {
  readonly metafile: NonNullable<BuildResult["metafile"]>;
  readonly outputFiles: OutputFile[];
}

async function bundled(options: BuildOptions): Promise<Bundled> {
  // Most packages have no code in them.
  const { build } = await import("esbuild");
  try {
    return await build({
      ...options,
      bundle: true,
      splitting: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "node",
      target: "node22",
      mainFields: ["module", "main"],
      // Packages in CommonJS require Node's own modules, which a module has no `require` for.
      banner: { js: requireBanner },
      // Names are in error messages.
      keepNames: true,
      logLevel: "silent",
    });
  } catch (error) {
    const { errors = [] } = error as { readonly errors?: readonly Message[] };
    if (errors.length === 0) throw error;
    const lines = errors.map(({ text, location }) => `${location ? `${location.file}:${location.line}: ` : ""}${text}`);
    throw new FlyteError("InvalidDefinition", `the code cannot be bundled: ${lines.join("; ")}`, { cause: error });
  }
}

const requireBanner =
  'import { createRequire as flyteTsRequire } from "node:module"; globalThis.require ??= flyteTsRequire(import.meta.url);';

/** Decides which packages stay outside, and knows afterwards which of them the image need not have. */
class OutsidePackages {
  readonly #external: readonly string[];
  /** Native modules by the specifier that imports them. */
  readonly #native = new Map<string, { readonly name: string; readonly importer: string }>();

  constructor(external: readonly string[]) {
    this.#external = external;
  }

  get plugin(): Plugin {
    const resolving = Symbol("resolving");
    return {
      name: "flyte-ts-outside",
      setup: (hooks) => {
        hooks.onResolve({ filter: /.*/ }, async ({ path, pluginData, kind, ...from }) => {
          if (pluginData === resolving || kind === "entry-point" || path.startsWith("node:")) return undefined;
          if (this.#isOutside(path)) return { path, external: true };
          const found = await hooks.resolve(path, { ...from, kind, pluginData: resolving });
          if (found.errors.length > 0 || found.external) return undefined;
          const folder = packageAbove(found.path);
          const isForeign = folder !== undefined && /^[^./]/.test(path) && !isAbsolute(path);
          if (isForeign && (folder.name.startsWith("@flyte-ts/") || folder.isPlugin)) return { path, external: true };
          if (found.path.endsWith(".node") || (isForeign && isNative(folder))) {
            const name = folder?.name ?? basename(found.path);
            this.#native.set(path, { name, importer: from.importer });
            return { path, external: true };
          }
          return undefined;
        });
      },
    };
  }

  #isOutside(specifier: string): boolean {
    return this.#external.some((name) => specifier === name || specifier.startsWith(`${name}/`));
  }

  /** @throws FlyteError `InvalidDefinition` that lists the native modules among what is used. */
  check(used: ReadonlySet<string>, below: (path: string) => string): void {
    const natives = [...this.#native].filter(([specifier]) => used.has(specifier));
    if (natives.length === 0) return;
    const list = natives.map(([, { name, importer }]) => `${name} (imported by ${below(importer)})`).join(", ");
    const names = [...new Set(natives.map(([, { name }]) => name))].join(",");
    throw new FlyteError(
      "InvalidDefinition",
      `native modules are built for one machine and cannot be in the archive: ${list}; leave them out of the code, or have them in the image and say --external ${names}`,
    );
  }
}
