import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Check } from "./check.ts";
import { command, type Ended, lines } from "./command.ts";
import { type DocumentCode, type DocumentCommand, type DocumentModule, documentCode } from "./documents.ts";
import type { Project } from "./project.ts";
import { type Consumer, install } from "./tarballs.ts";

interface Document {
  /** Relative to the root. */
  readonly file: string;
  /** Absolute: where its code is put, below the project that has the packed tarballs. */
  readonly folder: string;
  readonly code: DocumentCode;
}

/** The commands that a block `sh run` may hold; `npm run` works in the checkout, the others beside the document's code. */
const runnable = /^(npx flyte-ts|npm run) /;
const atOnce = 2;

/** Every TypeScript block of a README or a page of docs/ compiles and runs against the packed tarballs. */
export const readme: Check = {
  name: "readme",
  async run(project) {
    const files = (await project.files()).filter(
      (file) => /(^|\/)(README|CONTRIBUTING)\.md$/.test(file) || /^docs\/(?!api\/).*\.md$/.test(file),
    );
    const consumer = await install(project);
    const documents = files.map((file) => prepare(project, consumer, file));
    const findings = [
      ...documents.flatMap(({ file, code }) => code.findings.map(({ line, text }) => `${file}:${line}: ${text}`)),
      ...files.flatMap((file) => deadLinks(project, file)),
      ...(await compile(project, consumer, documents)),
    ];
    const queue = [...documents];
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift())
        findings.push(...(await run(project, next)));
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    const steps = documents.flatMap(({ code }) => code.steps);
    const idle = steps.filter((step) => "notRun" in step).length;
    return { summary: `${steps.length} blocks of ${files.length} documents, ${idle} of them not run`, findings };
  },
};

function prepare(project: Project, consumer: Consumer, file: string): Document {
  const folder = join(consumer.folder, "documents", file.replaceAll("/", "-").replace(/\.md$/, ""));
  mkdirSync(folder, { recursive: true });
  linkReaders(project, join(consumer.folder, "documents/node_modules"));
  const code = documentCode(project.read(file));
  for (const step of code.steps) if ("code" in step) writeFileSync(join(folder, step.name), step.code);
  return { file, folder, code };
}

/** What readers have besides: a test runner and a schema library, which no tarball brings, and typings of what they import. */
function linkReaders(project: Project, modules: string): void {
  mkdirSync(modules, { recursive: true });
  for (const name of ["vitest", "zod", "@types"]) {
    if (!existsSync(join(modules, name))) symlinkSync(join(project.root, "node_modules", name), join(modules, name));
  }
}

async function compile(project: Project, consumer: Consumer, documents: readonly Document[]): Promise<string[]> {
  const modules = documents.flatMap(({ folder, code }) =>
    code.steps.flatMap((step) => ("code" in step ? [join(folder, step.name)] : [])),
  );
  if (modules.length === 0) return [];
  const options = {
    compilerOptions: {
      target: "ES2023",
      lib: ["ES2024", "ESNext.Disposable"],
      module: "NodeNext",
      moduleDetection: "force",
      types: ["node"],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      erasableSyntaxOnly: true,
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      noEmit: true,
    },
    files: modules,
  };
  writeFileSync(join(consumer.folder, "tsconfig.documents.json"), JSON.stringify(options));
  const tsc = join(project.root, "node_modules/.bin/tsc");
  const args = ["-p", "tsconfig.documents.json", "--pretty", "false"];
  const { output } = await command(tsc, args, { cwd: consumer.folder });
  return lines(output).map((said) => readable(said, documents));
}

async function run(project: Project, document: Document): Promise<string[]> {
  const findings: string[] = [];
  for (const step of document.code.steps) {
    if ("notRun" in step) continue;
    const where = `${document.file}:${step.line}`;
    if ("text" in step && !runnable.test(step.text)) {
      findings.push(`${where}: "${step.text}": a block "sh run" holds lines "npx flyte-ts …" and "npm run …"`);
      continue;
    }
    const { status, output } = await runStep(project, document, step);
    if (status !== 0)
      findings.push(`${where}: ends with ${status}:\n${readable(lines(output).join("\n"), [document])}`);
  }
  return findings;
}

function runStep(project: Project, { folder }: Document, step: DocumentModule | DocumentCommand): Promise<Ended> {
  if ("code" in step) return command(process.execPath, ["--no-warnings", step.name], { cwd: folder });
  const cwd = step.text.startsWith("npm run ") ? project.root : folder;
  // npx must find the command in the installed tarballs, not look for one elsewhere.
  return command("sh", ["-c", step.text], { cwd, env: { npm_config_offline: "true" } });
}

/** Replaces the paths of modules by those of the documents that they come from; lines are the same. */
function readable(said: string, documents: readonly Document[]): string {
  let text = said;
  for (const { file, folder, code } of documents) {
    const below = folder.slice(folder.lastIndexOf("/documents/") + 1);
    for (const step of code.steps) {
      if (!("code" in step)) continue;
      for (const path of [join(folder, step.name), join(below, step.name)]) text = text.replaceAll(path, file);
    }
  }
  return text;
}

/** Links to files that are not there. */
function deadLinks(project: Project, file: string): string[] {
  const text = project
    .read(file)
    .replaceAll(/^(`{3,})[\s\S]*?^\1$/gm, (block) => "\n".repeat(block.split("\n").length - 1));
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap((match) => {
    const [, link = ""] = match;
    const [path = ""] = link.split("#");
    if (path === "" || /^[a-z]+:/.test(link)) return [];
    if (existsSync(join(project.root, dirname(file), path))) return [];
    return [`${file}:${text.slice(0, match.index).split("\n").length}: links to ${link}, which is not there`];
  });
}
