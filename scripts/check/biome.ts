import { join, relative, resolve } from "node:path";
import type { Check } from "./check.ts";
import { command, lines } from "./command.ts";

/** Lint, format and the order of imports, as `biome.json` says; a warning counts as an error. */
export const biome: Check = {
  name: "biome",
  async run(project) {
    const program = join(project.root, "node_modules/.bin/biome");
    const args = ["check", "--error-on-warnings", "--max-diagnostics=200", "--reporter=github", "."];
    const { status, output } = await command(program, args, { cwd: project.root });
    const said = lines(output);
    const annotations = said.filter((line) => line.startsWith("::")).map((line) => readable(line, project.root));
    const summary = "lint, format and imports";
    if (status === 0) return { summary, findings: [] };
    return { summary, findings: annotations.length > 0 ? annotations : said };
  },
};

/** `::error title=lint/x,file=a.ts,line=3,…::text` → `a.ts:3: text (lint/x)` */
function readable(annotation: string, root: string): string {
  const field = (name: string): string => new RegExp(`[ ,]${name}=([^,:]*)`).exec(annotation)?.[1] ?? "";
  const text = annotation.slice(annotation.indexOf("::", 2) + 2).replaceAll("%0A", " ");
  return `${relative(root, resolve(root, field("file")))}:${field("line")}: ${text} (${field("title")})`;
}
