import { mkdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { FlyteError } from "../errors/flyte-error.ts";
import { downloadFolder, uploadFile, uploadFolder } from "../storage/folder-transfer.ts";
import type { StorageRegistry } from "../storage/storage-registry.ts";
import { joinUri } from "../storage/uri.ts";
import type { Checkpoint } from "./checkpoint.ts";

/** The name under which `write` keeps its bytes; flytekit's (flytekit/core/checkpointer.py). */
const bytesName = "_dst_cp";

/** The name of the folder that `restore` makes by default; flytekit's. */
const restoredName = "prev_cp";

/** Where checkpoints are. */
export interface StorageCheckpointOptions {
  readonly storage: StorageRegistry;
  /** The folder's URI to write below; without it nothing can be kept. */
  readonly destination: string | undefined;
  /** The folder's URI of the previous attempt. */
  readonly previous: string | undefined;
  /** Gives the local folder in which `restore` makes its own by default. */
  readonly workingDirectory: () => string;
}

/** Checkpoints in object storage, laid out as flytekit lays them out. */
export class StorageCheckpoint implements Checkpoint {
  readonly #options: StorageCheckpointOptions;
  readonly #pending = new Set<Promise<void>>();
  #restored: Promise<string> | undefined;

  constructor(options: StorageCheckpointOptions) {
    this.#options = options;
  }

  async read(): Promise<Uint8Array | undefined> {
    const { previous, storage } = this.#options;
    if (previous === undefined) return undefined;
    const uris: string[] = [];
    for await (const { uri } of storage.list(folderUri(previous))) uris.push(uri);
    const [only] = uris;
    if (uris.length > 1) {
      throw new FlyteError(
        "InvalidInput",
        `the checkpoint at ${previous} has ${uris.length} files where read() expects one: use restore()`,
      );
    }
    return only === undefined ? undefined : storage.readBytes(only);
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#keep(() => this.#options.storage.write(joinUri(this.#destination(), bytesName), bytes));
  }

  restore(directory?: string): Promise<string | undefined> {
    const { previous } = this.#options;
    if (previous === undefined) return Promise.resolve(undefined);
    this.#restored ??= this.#download(previous, directory ?? join(this.#options.workingDirectory(), restoredName));
    this.#restored.catch(() => {
      this.#restored = undefined;
    });
    return this.#restored;
  }

  save(path: string): Promise<void> {
    return this.#keep(() => this.#upload(path));
  }

  /** Resolves when nothing is being written any more. */
  async flush(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
  }

  async #keep(work: () => Promise<void>): Promise<void> {
    const pending = work();
    this.#pending.add(pending);
    try {
      await pending;
    } finally {
      this.#pending.delete(pending);
    }
  }

  async #upload(path: string): Promise<void> {
    const destination = this.#destination();
    const found = await stat(path).catch((cause: unknown) => {
      throw new FlyteError("NotFound", `there is no file or folder "${path}" to keep as a checkpoint`, { cause });
    });
    const { storage } = this.#options;
    if (!found.isFile()) await uploadFolder(storage, path, destination);
    else await uploadFile(storage, path, joinUri(destination, basename(resolve(path))));
  }

  async #download(previous: string, directory: string): Promise<string> {
    const { storage } = this.#options;
    const root = resolve(directory);
    await mkdir(root, { recursive: true });
    await downloadFolder(storage, previous, root);
    return root;
  }

  #destination(): string {
    const { destination } = this.#options;
    if (destination !== undefined) return destination;
    throw new FlyteError(
      "Unsupported",
      "this task has no place for checkpoints: it was started without --checkpoint-path",
    );
  }
}

const folderUri = (uri: string): string => `${uri.replace(/\/+$/, "")}/`;
