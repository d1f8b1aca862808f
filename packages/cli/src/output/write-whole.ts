import { randomUUID } from "node:crypto";
import { rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { FlyteError } from "@flyte-ts/core/plugin";

/**
 * Writes a file, all of it or nothing.
 * @param path an absolute path.
 * @param what it is, for the message: `flyte-ts graph: --svg`.
 * @throws FlyteError `InvalidInput` where it cannot be written.
 */
export async function writeWhole(path: string, content: string | Uint8Array, what: string): Promise<void> {
  const fault = (why: string, cause?: unknown): FlyteError =>
    new FlyteError("InvalidInput", `${what}: ${path} cannot be written: ${why}`, { cause });
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) throw fault("it is a folder; name a file");
  if (found === undefined && !(await stat(dirname(path)).catch(() => undefined))?.isDirectory()) {
    throw fault(`there is no folder ${dirname(path)}`);
  }
  // what is no file (a terminal, a pipe) cannot be replaced by one
  const partial = found?.isFile() === false ? undefined : `${path}.${randomUUID()}`;
  try {
    await writeFile(partial ?? path, content);
    if (partial !== undefined) await rename(partial, path);
  } catch (cause) {
    if (partial !== undefined) await rm(partial, { force: true });
    throw fault((cause as Error).message, cause);
  }
}
