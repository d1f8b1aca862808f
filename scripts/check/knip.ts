import { join } from "node:path";
import type { Check } from "./check.ts";
import { command, lines } from "./command.ts";

/** Files, exports and dependencies that nothing uses, and imports that no package.json admits; see `knip.json`. */
export const knip: Check = {
  name: "knip",
  async run(project) {
    const program = join(project.root, "node_modules/.bin/knip");
    const args = ["--no-progress", "--no-config-hints", "--reporter", "compact"];
    const { status, output } = await command(program, args, { cwd: project.root });
    const said = lines(output);
    if (status === 0) return { summary: "nothing unused", findings: [] };
    return { summary: "", findings: said.length > 0 ? said : [`knip ended with ${status}`] };
  },
};
