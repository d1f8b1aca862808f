import {
  DynamicJobSpec,
  ErrorDocument,
  joinUri,
  LiteralMap,
  type Log,
  type StorageRegistry,
  toErrorDocument,
  uniqueName,
} from "@flyte-ts/core/plugin";

/** The names of a task's files below its output prefix (flyteplugins/go/tasks/pluginmachinery/ioutils/paths.go). */
export const fileNames = {
  inputs: "inputs.pb",
  template: "task.pb",
  outputs: "outputs.pb",
  futures: "futures.pb",
  error: "error.pb",
  deck: "deck.html",
} as const;

/** What a stock propeller reads at most of one file (`storage.limits.maxDownloadMBs`), in bytes. */
const maxDownload = 2 * 1024 * 1024;

/** Where results go. */
export interface ResultFilesOptions {
  readonly storage: StorageRegistry;
  readonly outputPrefix: string;
  /** The worker's name when each worker of a distributed task writes an error file of its own; else undefined. */
  readonly worker: string | undefined;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The files that tell Flyte how a task ended: exactly one of `outputs.pb`, `futures.pb` and `error.pb`. */
export class ResultFiles {
  readonly #options: ResultFilesOptions;
  #stale: Promise<void> | undefined;

  constructor(options: ResultFilesOptions) {
    this.#options = options;
  }

  get outputPrefix(): string {
    return this.#options.outputPrefix;
  }

  /**
   * Begins to remove what an earlier process of the same attempt left; writing waits for it. Workers that share a folder
   * leave each other's files alone.
   */
  removeStale(): void {
    const { outputs, futures, error } = fileNames;
    this.#stale = this.#options.worker === undefined ? this.#remove([outputs, futures, error]) : Promise.resolve();
  }

  /** Writes a file of no bytes when there are no outputs. */
  async writeOutputs(outputs: LiteralMap): Promise<void> {
    await this.#stale;
    await this.#write(fileNames.outputs, LiteralMap.encode(outputs));
  }

  async writeFutures(spec: DynamicJobSpec): Promise<void> {
    await this.#stale;
    await this.#write(fileNames.futures, DynamicJobSpec.encode(spec));
  }

  /** Writes the error's file, alone: a `outputs.pb` beside it would be believed by whoever reads only that. */
  async writeError(error: unknown): Promise<void> {
    const { worker, now } = this.#options;
    await this.#stale;
    const document = toErrorDocument(error, { now: now(), ...(worker === undefined ? {} : { worker }) });
    if (worker !== undefined) return this.#write(`error-${uniqueName()}.pb`, ErrorDocument.encode(document));
    await this.#remove([fileNames.outputs, fileNames.futures]);
    await this.#write(fileNames.error, ErrorDocument.encode(document));
  }

  async writeDeck(html: string): Promise<void> {
    const { storage, outputPrefix } = this.#options;
    await storage.write(joinUri(outputPrefix, fileNames.deck), Buffer.from(html), { contentType: "text/html" });
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    const { storage, outputPrefix, log } = this.#options;
    if (bytes.length > maxDownload) {
      log.warn(
        `${name} has ${bytes.length} bytes; a Flyte that is set up as it comes reads no more than ${maxDownload}`,
      );
    }
    await storage.write(joinUri(outputPrefix, name), bytes);
  }

  async #remove(names: readonly string[]): Promise<void> {
    const { storage, outputPrefix, log } = this.#options;
    await Promise.all(
      names.map(async (name) => {
        const uri = joinUri(outputPrefix, name);
        try {
          if ((await storage.stat(uri)) === undefined) return;
          await storage.delete(uri);
          log.info(`removed ${uri}, which an earlier attempt left`);
        } catch (error) {
          // Many roles may write below a prefix and not look or delete there: then there is nothing to be done.
          log.debug(`could not look for a stale ${uri}: ${(error as Error).message}`);
        }
      }),
    );
  }
}
