import { FlyteError } from "../errors/flyte-error.ts";
import { importPackage } from "../storage/storage-registry.ts";
import { joinUri, schemeOf } from "../storage/uri.ts";
import type { DatasetFormat, DatasetFormatContext, DatasetReader, DatasetSource } from "./dataset-format.ts";
import { namesFile } from "./names-file.ts";
import type { ColumnSchema } from "./record-batch.ts";

/** Makes a format when it is first used. */
export type DatasetFormatLoader = () => Promise<DatasetFormat>;

/** Answers who reads the tables that URIs of a scheme name, if anybody does. */
export type FindTables = (scheme: string) => Promise<DatasetFormatLoader | undefined>;

/** The plugins are those that `FLYTE_TS_PLUGINS` names, else those that the project in the working directory depends on. */
const tablesOfPlugins: FindTables = async (scheme) => {
  const [{ loadPlugins, pluginPackages }, { lineLog }] = await Promise.all([
    import("../plugin/load-plugins.ts"),
    import("../context/log.ts"),
  ]);
  const packages = pluginPackages(process.env);
  const { plugins } = await loadPlugins({ packages, directory: process.cwd(), log: lineLog("warn") });
  return plugins.map(({ provides }) => provides.tables?.[scheme]).find((loader) => loader !== undefined);
};

/**
 * The dataset formats, by name, each loaded when first needed: those given to `register`, else those of the package
 * `@flyte-ts/dataset` when that is installed. A URI that names a table of a database is read by the plugin that has its
 * scheme (`tables` in its manifest).
 */
export class DatasetStore {
  readonly #loaders = new Map<string, DatasetFormatLoader>();
  readonly #loaded = new Map<string, Promise<DatasetFormat>>();
  readonly #findTables: FindTables;

  /** @param findTables who reads the tables that a scheme names: the plugins of the process by default. */
  constructor(findTables: FindTables = tablesOfPlugins) {
    this.#findTables = findTables;
  }

  /**
   * Names the loader of a format; a later one replaces an earlier one.
   * @param scheme the scheme of the URIs that it is for (`s3`, or `bq` where a URI names a table); without one, for all
   * that have none of their own.
   */
  register(format: string, loader: DatasetFormatLoader, { scheme }: { readonly scheme?: string } = {}): void {
    const key = keyOf(format.toLowerCase(), scheme);
    this.#loaders.set(key, loader);
    this.#loaded.clear();
  }

  /** Opens what stands at `uri`; without a format it is taken for Parquet. */
  async open(
    uri: string,
    format: string,
    context: DatasetFormatContext,
    declared?: readonly ColumnSchema[],
  ): Promise<DatasetReader> {
    return (await this.#format(format, uri)).open(uri, context, declared);
  }

  /** Writes rows below the folder `uri`. */
  async write(
    uri: string,
    format: string,
    source: DatasetSource,
    context: DatasetFormatContext,
  ): Promise<{ readonly rows: number }> {
    return (await this.#format(format, uri)).write(uri, source, context);
  }

  #format(name: string, uri: string): Promise<DatasetFormat> {
    const wanted = name === "" ? "parquet" : name.toLowerCase();
    const scheme = schemeOf(uri);
    const special = keyOf(wanted, scheme);
    if (this.#loaders.has(special)) return this.#once(special, () => this.#load(wanted, this.#loaders.get(special)));
    if (namesFile(uri)) return this.#once(wanted, () => this.#load(wanted, this.#loaders.get(wanted)));
    return this.#once(special, async () => {
      const tables = await this.#findTables(scheme);
      return this.#load(wanted, tables ?? this.#loaders.get(wanted));
    });
  }

  #once(key: string, load: () => Promise<DatasetFormat>): Promise<DatasetFormat> {
    let format = this.#loaded.get(key);
    if (format === undefined) {
      format = load();
      this.#loaded.set(key, format);
      format.catch(() => this.#loaded.delete(key));
    }
    return format;
  }

  async #load(name: string, loader: DatasetFormatLoader | undefined): Promise<DatasetFormat> {
    if (loader !== undefined) return loader();
    const { formats } = await importPackage<{ formats: Readonly<Record<string, DatasetFormatLoader>> }>(
      "@flyte-ts/dataset",
      () => import("@flyte-ts/dataset" as string),
      `datasets of the format "${name}"`,
    );
    const found = Object.hasOwn(formats, name) ? formats[name] : undefined;
    if (found !== undefined) return found();
    const known = [...new Set([...this.#loaders.keys(), ...Object.keys(formats)])].sort().join(", ");
    throw new FlyteError("Unsupported", `no dataset format is called "${name}"; known are ${known}`);
  }
}

const keyOf = (format: string, scheme: string | undefined): string =>
  scheme === undefined ? format : `${format} (${scheme})`;

/** The name of the one file that a writer makes in a dataset's folder (flytekit's Parquet handler has the same). */
export const datasetFileName = "00000";

/** The URI of the file that a writer makes in the folder `uri`. */
export const datasetFile = (uri: string): string => joinUri(uri, datasetFileName);
