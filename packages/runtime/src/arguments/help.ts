import { packageInfo } from "@flyte-ts/core/plugin";
import { distributionFlags, executeFlags } from "./execute-arguments.ts";

/** What `--version` prints. */
export function versionText(): string {
  const { name, version } = packageInfo(import.meta.url);
  return `${name} ${version}\n`;
}

/** What `--help` prints. */
export function helpText(): string {
  const rows = [...executeFlags, ...distributionFlags].map(
    ({ name, example, purpose }) => [`${name}${example === undefined ? "" : ` ${example}`}`, purpose] as const,
  );
  const width = Math.max(...rows.map(([flag]) => flag.length));
  return `Runs one Flyte task, as a container on a cluster does.

Usage:
  flyte-ts-execute --inputs URI --output-prefix URI --resolver NAME [flags] -- LOADER-ARGS
  flyte-ts-execute --additional-distribution URI [--dest-dir DIR] -- COMMAND

Resolvers and what they take behind --:
  flyte-ts.module     module FILE entity NAME
  flyte-ts.template   URI-OF-TASK.PB PLUGIN-PACKAGE

Flags, with examples:
${rows.map(([flag, purpose]) => `  ${flag.padEnd(width)}   ${purpose}`).join("\n")}

Also answers to pyflyte-execute and pyflyte-fast-execute, as its first word or as the name that it is started by.
`;
}
