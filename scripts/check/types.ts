import { join } from "node:path";
import type { Check } from "./check.ts";
import { command, lines } from "./command.ts";
import type { Project } from "./project.ts";

/** The packages compile (`tsc -b`), and so do the tests, examples, suites, benches and scripts against their typings. */
export const types: Check = {
  name: "types",
  async run(project) {
    // The build writes the same files: it comes first. What is wrong with the types is said by the compiler below.
    await project.build().catch(() => undefined);
    const packages = await compile(project, ["-b", "tsconfig.json"]);
    const tests = packages.length === 0 ? await compile(project, ["-p", "tsconfig.tests.json"]) : [];
    const count = (await project.sources()).length;
    return { summary: `${count} files compile`, findings: [...packages, ...tests] };
  },
};

async function compile(project: Project, args: readonly string[]): Promise<string[]> {
  const tsc = join(project.root, "node_modules/.bin/tsc");
  const { status, output } = await command(tsc, [...args, "--pretty", "false"], { cwd: project.root });
  const said = lines(output);
  return status === 0 ? [] : said.length > 0 ? said : [`tsc ${args.join(" ")} ended with ${status}`];
}
