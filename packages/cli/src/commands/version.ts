import { packageInfo } from "@flyte-ts/core/plugin";
import type { RunCommand } from "./command.ts";

/** `flyte-ts --version`. */
export const version: RunCommand = async () => {
  const { name, version: number } = packageInfo(import.meta.url);
  process.stdout.write(`${name} ${number}\n`);
  return 0;
};
