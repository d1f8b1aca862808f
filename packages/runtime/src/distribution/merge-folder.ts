import { lstat, mkdir, readdir, realpath, rename, rm } from "node:fs/promises";
import { join, sep } from "node:path";
import { FlyteError } from "@flyte-ts/core/plugin";

/**
 * Moves everything in `from` to the same place in `to`, over what stands there; both are on one file system.
 * @throws FlyteError `InvalidInput` when something would be moved through a link in `to` that leads out of it, or a file
 * would take the place of a folder.
 */
export async function mergeFolder(from: string, to: string): Promise<void> {
  await move(from, to, await realpath(to));
}

async function move(from: string, to: string, root: string): Promise<void> {
  const entries = await readdir(from, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const [source, target] = [join(from, entry.name), join(to, entry.name)];
      const there = await lstat(target).catch(() => undefined);
      if (!entry.isDirectory()) {
        if (there?.isDirectory()) {
          throw new FlyteError("InvalidInput", `the archive has a file where ${target} is a folder`);
        }
        return rename(source, target);
      }
      if (there === undefined) return rename(source, target);
      if (there.isSymbolicLink()) {
        const real = await realpath(target).catch(() => "");
        if (real !== root && !real.startsWith(root + sep)) {
          throw new FlyteError(
            "InvalidInput",
            `the archive's folder "${entry.name}" would leave ${root}: ${target} is a link to ${real}`,
          );
        }
      } else if (!there.isDirectory()) {
        await rm(target);
        await mkdir(target);
      }
      return move(source, target, root);
    }),
  );
}
