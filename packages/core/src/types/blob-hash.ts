import { createHash } from "../storage/create-hash.ts";
import type { FlyteDirectory, FlyteFile } from "./file-values.ts";

/** A text for the content of a file, wherever it is: SHA-256 of its bytes, in hexadecimal. Reads it once, streaming. */
export async function fileHash(file: FlyteFile): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of file.stream()) hash.update(chunk);
  return hash.digest("hex");
}

/** A text for the content of a folder: its files' names in it, and their bytes. Where the folder is has no part in it. */
export async function directoryHash(directory: FlyteDirectory): Promise<string> {
  const hash = createHash("sha256");
  for await (const file of directory.files()) {
    hash.update(JSON.stringify([file.name, await fileHash(file)]));
  }
  return hash.digest("hex");
}
