import { mkdtemp, realpath, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve, sep } from "node:path";
import { FlyteError, type Log, type StorageRegistry } from "@flyte-ts/core/plugin";
import type { DistributionArguments } from "../arguments/execute-arguments.ts";
import { asSystemFault } from "../container/system-fault.ts";
import { mergeFolder } from "./merge-folder.ts";
import { unpack } from "./unpack.ts";

/** What fetching code needs. */
export interface FetchCodeOptions {
  readonly storage: StorageRegistry;
  /** The folder that a relative destination starts from. */
  readonly workingDirectory: string;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/**
 * Fetches an archive of code (fast registration) and unpacks it into its destination: all of it, or nothing.
 * @returns the destination's path.
 * @throws FlyteError `NotFound` when there is no archive, `InvalidInput` when it or the destination is wrong.
 */
export async function fetchCode(distribution: DistributionArguments, options: FetchCodeOptions): Promise<string> {
  const { archive } = distribution;
  const { storage, workingDirectory, signal, log } = options;
  const destination = resolve(workingDirectory, distribution.destination ?? ".");
  const folder = await stat(destination).catch(() => undefined);
  if (folder?.isDirectory() !== true) {
    const what = folder === undefined ? "does not exist" : "is a file";
    throw new FlyteError(
      "InvalidInput",
      `--dest-dir is "${distribution.destination}", which ${what}; it must be a folder (${destination})`,
    );
  }
  if (/pkl\.gz$/.test(archive)) {
    throw new FlyteError("Unsupported", `${archive} is a pickled task of Python's; code for here is a .tar.gz`);
  }
  const staging = await mkdtemp(join(destination, ".flyte-ts-code-")).catch((cause: Error) => {
    throw new FlyteError("PermissionDenied", `--dest-dir ${destination} cannot be written: ${cause.message}`, {
      cause,
    });
  });
  try {
    await unpack(readArchive(archive, storage, signal), staging, { signal });
    await mergeFolder(staging, destination);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  await shareModules(destination, workingDirectory, log);
  log.info(`unpacked ${archive} into ${destination}`);
  return destination;
}

async function* readArchive(uri: string, storage: StorageRegistry, signal: AbortSignal): AsyncIterable<Uint8Array> {
  try {
    yield* storage.read(uri, { signal });
  } catch (error) {
    if (FlyteError.is(error) && error.code === "NotFound") {
      throw new FlyteError("NotFound", `task execution code was not found: there is no archive ${uri}`, {
        cause: error,
      });
    }
    throw asSystemFault(error, `the code archive ${uri} cannot be read`);
  }
}

/** Code that is unpacked elsewhere still finds the packages that the working folder's code finds. */
async function shareModules(destination: string, workingDirectory: string, log: Log): Promise<void> {
  const real = await realpath(destination);
  const working = await realpath(workingDirectory);
  if (real === working || real.startsWith(working + sep)) return;
  const folders = (from: string): readonly string[] => createRequire(join(from, "module.js")).resolve.paths("x") ?? [];
  const present = async (path: string): Promise<boolean> =>
    (await stat(path).catch(() => undefined))?.isDirectory() === true;
  // One in the root is seen from everywhere; others that the list ends with are no folders of modules.
  const below = (path: string): boolean => dirname(path) !== "/" && basename(path) === "node_modules";
  for (const path of folders(real)) if (below(path) && (await present(path))) return;
  for (const path of folders(working)) {
    if (!below(path) || !(await present(path))) continue;
    await symlink(path, join(real, "node_modules")).catch((error: Error) =>
      log.warn(`packages are not found from ${real}: ${error.message}`),
    );
    return;
  }
}
