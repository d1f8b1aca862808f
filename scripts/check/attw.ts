import { join } from "node:path";
import type { Check } from "./check.ts";
import { command, lines } from "./command.ts";
import { pack } from "./tarballs.ts";

/** The typings of the packed tarballs resolve for ESM users, under every entry. */
export const attw: Check = {
  name: "attw",
  async run(project) {
    const tarballs = await pack(project);
    const program = join(project.root, "node_modules/.bin/attw");
    const style = ["--format", "table-flipped", "--no-emoji", "--no-color"];
    const findings: string[] = [];
    for (const { workspace, path } of tarballs) {
      const args = ["--profile", "esm-only", "--no-definitely-typed", ...style, path];
      const { status, output } = await command(program, args, { cwd: project.root });
      if (status !== 0) findings.push(`${workspace.folder}:\n${lines(output).join("\n")}`);
    }
    return { summary: `${tarballs.length} tarballs, profile esm-only`, findings };
  },
};
