import { mkdir, readdir, rmdir, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { FlyteError } from "@flyte-ts/core/plugin";

/** The folder, below the working folder, that runs are kept in when none is named. */
const runsFolder = ".flyte-ts";

/**
 * The folder of a run, made: the named one, or a new one below `.flyte-ts/runs`, which git ignores wherever it is.
 * @throws FlyteError `InvalidInput` when the name is that of a file or a URI, `PermissionDenied` when it cannot be made.
 */
export async function runDirectory(named: string | undefined, entity: string, now: Date): Promise<string> {
  if (named !== undefined) {
    if (/^[a-z][a-z0-9+.-]+:\/\//i.test(named)) {
      throw new FlyteError("InvalidInput", `--output-dir is "${named}"; it must be a local folder`);
    }
    const path = resolve(named);
    if ((await stat(path).catch(() => undefined))?.isFile()) {
      throw new FlyteError("InvalidInput", `--output-dir is "${named}", which is a file; it must be a folder`);
    }
    await made(path);
    return path;
  }
  const time = now.toISOString().replace(/\D/g, "").slice(0, 14);
  const name = entity.replace(/[^A-Za-z0-9._-]/g, "-");
  const path = resolve(runsFolder, "runs", `${time}-${name}-${crypto.randomUUID().slice(0, 4)}`);
  await made(path);
  const ignore = resolve(runsFolder, ".gitignore");
  await writeFile(ignore, "*\n", { flag: "wx" }).catch((error: { code?: string }) => {
    if (error.code !== "EEXIST") throw error;
  });
  return path;
}

async function made(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new FlyteError("PermissionDenied", `the folder ${path} for the run's files cannot be made: ${reason}`, {
      cause,
    });
  }
}

/**
 * Removes the folders below `path`, and `path` itself, that hold nothing.
 * @returns true when nothing is left.
 */
export async function removeEmptyFolders(path: string): Promise<boolean> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  const left = await Promise.all(
    entries.map(async (entry) => !entry.isDirectory() || !(await removeEmptyFolders(join(path, entry.name)))),
  );
  if (left.some((some) => some)) return false;
  return rmdir(path).then(
    () => true,
    () => false,
  );
}
