import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import {
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type ExtractorMessage,
  ExtractorMessageCategory,
  ExtractorMessageId,
} from "@microsoft/api-extractor";
import type { Check } from "./check.ts";
import { type Door, doorsOf } from "./doors.ts";
import type { Project, Workspace } from "./project.ts";

const reports = "docs/api";
/** Packages whose doors are generated from Flyte's own definitions, which document them. */
const generated = ["packages/idl"];

interface ReportedDoor {
  readonly workspace: Workspace;
  /** Relative to the root. */
  readonly typings: string;
  /** `core.plugin.api.md`; the door `.` is `index`. */
  readonly report: string;
}

/** The public surface of every door is what its committed report says, and every export has a doc comment. */
export const api: Check = {
  name: "api",
  async run(project) {
    await project.build();
    mkdirSync(join(project.root, reports), { recursive: true });
    const packages = project.published.filter(({ folder }) => !generated.includes(folder));
    const doors = packages.flatMap((workspace) => doorsOf(project, workspace)).flatMap(reported);
    const findings = doors.flatMap((door) => examine(project, door));
    const known = new Set(doors.map(({ report }) => report));
    const stale = readdirSync(join(project.root, reports)).filter((file) => !known.has(file));
    for (const file of stale) findings.push(`${reports}/${file}: there is no such door any more; remove it`);
    return { summary: `${doors.length} doors`, findings };
  },
};

function reported({ workspace, entry, typings, program }: Door): ReportedDoor[] {
  if (typings === undefined || program) return [];
  const unscoped = workspace.manifest.name.replace(/^@.*\//, "");
  const name = entry === "." ? "index" : entry.slice(2).replaceAll("/", "-");
  return [{ workspace, typings, report: `${unscoped}.${name}.api.md` }];
}

function examine(project: Project, { workspace, typings, report }: ReportedDoor): string[] {
  const path = join(project.root, reports, report);
  if (!existsSync(join(project.root, typings))) return [`${typings} is not there: the build leaves it out`];
  const isNew = !existsSync(path);
  const messages: ExtractorMessage[] = [];
  const result = Extractor.invoke(configuration(project, workspace, typings, report), {
    // Writes the report in its place instead of comparing it.
    localBuild: project.update,
    messageCallback(message) {
      messages.push(message);
      message.handled = true;
    },
  });
  const findings = [...compilerErrors(project, messages), ...undocumented(project, messages)];
  if (result.apiReportChanged && !project.update) {
    const how = isNew ? "is not there" : "differs from the surface of this door";
    findings.push(
      `${reports}/${report} ${how}: npm run check -- api --update, and read the difference before you commit`,
    );
  }
  return findings;
}

function configuration(
  project: Project,
  { folder, manifest }: Workspace,
  typings: string,
  report: string,
): ExtractorConfig {
  const projectFolder = join(project.root, folder);
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(projectFolder, "package.json"),
    packageJson: { name: manifest.name, version: manifest.version },
    configObject: {
      projectFolder,
      mainEntryPointFilePath: join(project.root, typings),
      newlineKind: "lf",
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: "ES2022",
            lib: ["ES2024", "ESNext.Disposable"],
            module: "NodeNext",
            moduleResolution: "NodeNext",
            types: ["node"],
            strict: true,
            skipLibCheck: true,
          },
          files: [join(project.root, typings)],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: report,
        reportFolder: join(project.root, reports),
        reportTempFolder: join(project.scratch, "api"),
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Warning } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.None },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
}

function compilerErrors(project: Project, messages: readonly ExtractorMessage[]): string[] {
  return messages
    .filter(({ category }) => category === ExtractorMessageCategory.Compiler)
    .map((message) => `${place(project, message)}: ${message.text}`);
}

/** Exports without a doc comment. Members, and what only a signature mentions, may go without one. */
function undocumented(project: Project, messages: readonly ExtractorMessage[]): string[] {
  const key = (message: ExtractorMessage): string => {
    const [, name = ""] = /"(.+?)"/.exec(message.text) ?? [];
    return `${place(project, message)}: ${name}`;
  };
  const of = (id: string): string[] => messages.filter(({ messageId }) => messageId === id).map(key);
  // We use no release tags, so that their absence is reported for every declaration in the report, and for no member.
  const declared = new Set(of(ExtractorMessageId.MissingReleaseTag));
  const forgotten = messages.filter(({ messageId }) => messageId === ExtractorMessageId.ForgottenExport);
  const inner = new Set(forgotten.map(({ text }) => /"(.+?)"/.exec(text)?.[1]));
  return of(ExtractorMessageId.Undocumented)
    .filter((position) => declared.has(position) && !inner.has(position.slice(position.lastIndexOf(" ") + 1)))
    .map((position) => `${position} has no doc comment`);
}

function place(project: Project, { sourceFilePath, sourceFileLine }: ExtractorMessage): string {
  return sourceFilePath === undefined ? "" : `${relative(project.root, sourceFilePath)}:${sourceFileLine ?? 0}`;
}
