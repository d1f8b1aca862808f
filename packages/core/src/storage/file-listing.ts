import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileSystemError, isMissing } from "./file-system-error.ts";
import { fileUriName, localPathOf } from "./local-path.ts";

/** Names of files that are being written; listings leave them out. */
const partialName = /^\.flyte-ts-[0-9a-f]{32}\.part$/;

/**
 * The URIs of what may be a file below a folder, in the order of their names' bytes, one folder of the disk in memory at a
 * time. Folders whose names do not fit `startsWith` are not looked into.
 * @throws FlyteError for a folder that may not be read.
 */
export async function* listFiles(prefix: string, startsWith: string): AsyncIterable<string> {
  const root = localPathOf(prefix);
  const folder = prefix.replace(/\/+$/, "");
  async function* below(name: string): AsyncIterable<string> {
    for (const entry of await entriesOf(join(root, name))) {
      const path = `${name}${entry}`;
      const shown = fileUriName(prefix, path);
      if (!entry.endsWith("/")) {
        if (shown.startsWith(startsWith)) yield `${folder}/${shown}`;
      } else if (shown.startsWith(startsWith) || startsWith.startsWith(shown)) yield* below(path);
    }
  }
  yield* below("");
}

/**
 * What is in a folder: files, and folders with a slash, by which they stand where their files do. Links to files are files
 * to a reader; Kubernetes mounts configuration and secrets as such.
 */
async function entriesOf(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries
      .filter(
        (entry) => (entry.isFile() && !partialName.test(entry.name)) || entry.isSymbolicLink() || entry.isDirectory(),
      )
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileSystemError(error, path);
  }
}
