import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { GivenCluster } from "./set-up-cluster.ts";

/** What an execution's containers wrote, where they are processes whose output goes to files; else undefined. */
export async function containerLog({ env }: GivenCluster, execution: string): Promise<string | undefined> {
  if (env.FLYTE_V1_DIR === undefined) return undefined;
  const folder = join(env.FLYTE_V1_DIR, "kubelet/pods/flytesnacks-development");
  const files = (await readdir(folder, { recursive: true })).filter(
    (file) => file.startsWith(`${execution}-`) && file.endsWith(".log"),
  );
  return (await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")))).join("");
}
