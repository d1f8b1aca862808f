import { readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";

/** Removes a folder if there are no files in it, and all folders below it that have none. */
export async function removeEmptyFolders(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map((entry) => removeEmptyFolders(join(folder, entry.name))),
  );
  // it is not empty, or somebody else was quicker
  await rmdir(folder).catch(() => {});
}
