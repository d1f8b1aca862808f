import { FlyteError } from "../errors/flyte-error.ts";
import { importPackage } from "../storage/storage-registry.ts";
import { joinUri } from "../storage/uri.ts";
import type { DatasetFormat, DatasetFormatContext, DatasetReader, DatasetSource } from "./dataset-format.ts";

/** Makes a format when it is first used. */
export type DatasetFormatLoader = () => Promise<DatasetFormat>;

/**
 * The dataset formats, by name, each loaded when first needed: those given to `register`, else those of the package
 * `@flyte-ts/dataset` when that is installed.
 */
export class DatasetStore {
  readonly #loaders = new Map<string, DatasetFormatLoader>();
  readonly #loaded = new Map<string, Promise<DatasetFormat>>();

  /** Names the loader of a format; a later one replaces an earlier one. */
  register(format: string, loader: DatasetFormatLoader): void {
    this.#loaders.set(format, loader);
    this.#loaded.delete(format);
  }

  /** Opens what stands at `uri`; without a format it is taken for Parquet. */
  async open(uri: string, format: string, context: DatasetFormatContext): Promise<DatasetReader> {
    return (await this.#format(format)).open(uri, context);
  }

  /** Writes rows below the folder `uri`. */
  async write(
    uri: string,
    format: string,
    source: DatasetSource,
    context: DatasetFormatContext,
  ): Promise<{ readonly rows: number }> {
    return (await this.#format(format)).write(uri, source, context);
  }

  #format(name: string): Promise<DatasetFormat> {
    const wanted = name === "" ? "parquet" : name.toLowerCase();
    let format = this.#loaded.get(wanted);
    if (format === undefined) {
      format = this.#load(wanted);
      this.#loaded.set(wanted, format);
      format.catch(() => this.#loaded.delete(wanted));
    }
    return format;
  }

  async #load(name: string): Promise<DatasetFormat> {
    const loader = this.#loaders.get(name);
    if (loader !== undefined) return loader();
    const { formats } = await importPackage<{ formats: Readonly<Record<string, DatasetFormatLoader>> }>(
      "@flyte-ts/dataset",
      () => import("@flyte-ts/dataset" as string),
      `datasets of the format "${name}"`,
    );
    const found = formats[name];
    if (found !== undefined) return found();
    const known = [...new Set([...this.#loaders.keys(), ...Object.keys(formats)])].sort().join(", ");
    throw new FlyteError("Unsupported", `no dataset format is called "${name}"; known are ${known}`);
  }
}

/** The name of the one file that a writer makes in a dataset's folder (flytekit's Parquet handler has the same). */
export const datasetFileName = "00000";

/** The URI of the file that a writer makes in the folder `uri`. */
export const datasetFile = (uri: string): string => joinUri(uri, datasetFileName);
