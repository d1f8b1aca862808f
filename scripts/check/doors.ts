import { join } from "node:path";
import type { Project, Workspace } from "./project.ts";

/** One entry of a package's `exports`. */
export interface Door {
  readonly workspace: Workspace;
  /** The key in `exports`: `.`, `./plugin`. */
  readonly entry: string;
  /** What a user imports: `@flyte-ts/core/plugin`. */
  readonly specifier: string;
  /** Its built typings, relative to the root; undefined for an entry that is no code. */
  readonly typings: string | undefined;
  /** Whether a command of the package starts here: importing it runs it, so that it has no surface. */
  readonly program: boolean;
}

/** All entries of a package. */
export function doorsOf(project: Project, workspace: Workspace): Door[] {
  const { folder, manifest } = workspace;
  const commands = Object.values(manifest.bin ?? {}).map((file) => project.read(join(folder, file)));
  return Object.entries(manifest.exports ?? {}).map(([entry, target]) => {
    const code = typeof target === "string" ? target : (target.default ?? "");
    const types = typeof target === "string" ? undefined : target.types;
    return {
      workspace,
      entry,
      specifier: manifest.name + entry.slice(1),
      typings: types === undefined ? undefined : join(folder, types),
      program: commands.some((text) => text.includes(`"../${code.slice(2)}"`)),
    };
  });
}
