import { createHash } from "./create-hash.ts";
import { inParallel } from "./in-parallel.ts";
import type { Storage, StorageOptions } from "./storage.ts";

/** True where there is an object of this URI. A missing bucket is an error, as for `stat`. */
export async function exists(storage: Storage, uri: string, options: StorageOptions = {}): Promise<boolean> {
  return (await storage.stat(uri, options)) !== undefined;
}

/** Options of `contentHash`. */
export interface ContentHashOptions extends StorageOptions {
  /** A hash that `node:crypto` knows; `sha256` by default. */
  readonly algorithm?: string;
}

/** The hash of an object's bytes in hexadecimal digits. It reads them all: stores give no hash that all of them have. */
export async function contentHash(
  storage: Storage,
  uri: string,
  { algorithm = "sha256", signal }: ContentHashOptions = {},
): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of storage.read(uri, { signal })) hash.update(chunk);
  return hash.digest("hex");
}

/** Options of `deleteFolder`. */
export interface DeleteFolderOptions extends StorageOptions {
  /** How many objects are removed at once, 16 by default. */
  readonly concurrency?: number;
}

/** Removes all objects below a folder, while they are listed; one that has none is fine. @returns how many. */
export async function deleteFolder(
  storage: Storage,
  folder: string,
  { signal, concurrency = 16 }: DeleteFolderOptions = {},
): Promise<number> {
  let removed = 0;
  await inParallel(storage.list(folder, { signal }), { limit: concurrency, signal }, async ({ uri }, ended) => {
    await storage.delete(uri, { signal: ended });
    removed++;
  });
  return removed;
}
