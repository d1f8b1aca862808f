import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "./check.ts";
import { command, lines } from "./command.ts";
import { type Door, doorsOf } from "./doors.ts";
import type { Project } from "./project.ts";
import { type Consumer, install } from "./tarballs.ts";

/**
 * The packed tarballs work for somebody who has nothing else: in an empty project every door can be imported, its
 * typings compile with `skipLibCheck` off, every command answers `--help`, and an author's door of a plugin loads
 * nothing of the vendor's.
 */
export const entries: Check = {
  name: "entries",
  async run(project) {
    const consumer = await install(project);
    const doors = consumer.tarballs.flatMap(({ workspace }) => doorsOf(project, workspace));
    const specifiers = (some: readonly Door[]): string[] => some.map(({ specifier }) => specifier);
    const findings = [
      ...(await importAll(consumer, specifiers(doors.filter(({ program }) => !program)))),
      ...(await compileAll(project, consumer, specifiers(doors.filter(({ typings }) => typings !== undefined)))),
      ...(await lateVendors(consumer)),
      ...(await commandsAnswer(consumer)),
    ];
    return { summary: `${doors.length} entries of ${consumer.tarballs.length} tarballs`, findings };
  },
};

async function importAll({ folder }: Consumer, specifiers: readonly string[]): Promise<string[]> {
  const code = `
    for (const specifier of ${JSON.stringify(specifiers)}) {
      try {
        await import(specifier, specifier.endsWith(".json") ? { with: { type: "json" } } : {});
      } catch (error) {
        console.log("import of " + specifier + " fails: " + error.message);
      }
    }`;
  writeFileSync(join(folder, "import-all.js"), code);
  const { status, output } = await command(process.execPath, ["--no-warnings", "import-all.js"], { cwd: folder });
  const said = lines(output);
  return status === 0 ? said : [`importing all entries ends with ${status}:\n${said.join("\n")}`];
}

async function compileAll(project: Project, { folder }: Consumer, specifiers: readonly string[]): Promise<string[]> {
  const imported = specifiers.map((specifier, index) => `import * as door${index} from "${specifier}";`);
  const used = `export const doors: readonly object[] = [${specifiers.map((_, index) => `door${index}`).join(", ")}];`;
  writeFileSync(join(folder, "compile-all.ts"), [...imported, used, ""].join("\n"));
  const options = {
    compilerOptions: {
      target: "ES2023",
      lib: ["ES2023", "ESNext.Disposable"],
      module: "NodeNext",
      types: ["node"],
      strict: true,
      skipLibCheck: false,
      noEmit: true,
    },
    files: ["compile-all.ts"],
  };
  writeFileSync(join(folder, "tsconfig.compile-all.json"), JSON.stringify(options));
  const tsc = join(project.root, "node_modules/.bin/tsc");
  const args = ["-p", "tsconfig.compile-all.json", "--pretty", "false"];
  const { status, output } = await command(tsc, args, { cwd: folder });
  return status === 0 ? [] : lines(output).map((line) => `packed typings: ${line}`);
}

/** Imports each plugin's `.` and looks which packages that loads. */
async function lateVendors({ folder, tarballs }: Consumer): Promise<string[]> {
  const findings: string[] = [];
  for (const { workspace } of tarballs) {
    const { name, dependencies = {}, "flyte-ts": field } = workspace.manifest;
    if (field?.plugin === undefined) continue;
    const vendors = Object.keys(dependencies).filter((dependency) => !dependency.startsWith("@flyte-ts/"));
    const code = `
      import { registerHooks } from "node:module";
      const loaded = new Set();
      registerHooks({ load: (url, context, next) => (loaded.add(url), next(url, context)) });
      await import(${JSON.stringify(name)});
      for (const vendor of ${JSON.stringify(vendors)}) {
        if ([...loaded].some((url) => url.includes("/node_modules/" + vendor + "/"))) console.log(vendor);
      }`;
    writeFileSync(join(folder, "late-vendors.js"), code);
    const { output } = await command(process.execPath, ["--no-warnings", "late-vendors.js"], { cwd: folder });
    for (const vendor of lines(output)) findings.push(`importing ${name} loads ${vendor}; it must wait for first use`);
  }
  return findings;
}

async function commandsAnswer({ folder, tarballs }: Consumer): Promise<string[]> {
  const findings: string[] = [];
  for (const name of tarballs.flatMap(({ workspace }) => Object.keys(workspace.manifest.bin ?? {}))) {
    const { status, output } = await command(join(folder, "node_modules/.bin", name), ["--help"], { cwd: folder });
    if (status !== 0) findings.push(`${name} --help ends with ${status}:\n${lines(output).join("\n")}`);
  }
  return findings;
}
