import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { command } from "./command.ts";

/** The fields of a package.json that the checks read. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly description?: string;
  readonly type?: string;
  readonly engines?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  /** Development dependencies whose code goes into the package's bundles (`scripts/bundle.ts`). */
  readonly inlined?: readonly string[];
  readonly "flyte-ts"?: { readonly plugin?: string };
}

/** One workspace of the repository. */
export interface Workspace {
  /** Its folder, relative to the root: `packages/core`. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** Whether it goes to the registry. */
  readonly published: boolean;
}

/** The repository as the checks see it. What is costly (files, build) is done once, when first asked for. */
export class Project {
  /** The absolute path of the checkout. */
  readonly root: string;
  readonly manifest: Manifest;
  readonly workspaces: readonly Workspace[];
  /** Whether committed reports are to be written instead of compared (`--update`). */
  readonly update: boolean;
  /** A folder outside the checkout for this run; the caller removes it. */
  readonly scratch: string;
  #files: Promise<readonly string[]> | undefined;
  #build: Promise<void> | undefined;

  constructor(root: string, options: { readonly scratch: string; readonly update?: boolean }) {
    this.root = root;
    this.scratch = options.scratch;
    this.update = options.update ?? false;
    this.manifest = readManifest(root);
    this.workspaces = globSync([...(this.manifest.workspaces ?? [])], { cwd: root })
      .filter((folder) => existsSync(join(root, folder, "package.json")))
      .sort()
      .map((folder) => {
        const manifest = readManifest(join(root, folder));
        return { folder, manifest, published: manifest.private !== true };
      });
  }

  /** The workspaces that go to the registry. */
  get published(): readonly Workspace[] {
    return this.workspaces.filter(({ published }) => published);
  }

  /** What git tracks or would track: paths relative to the root, of files that exist. */
  files(): Promise<readonly string[]> {
    this.#files ??= this.git("ls-files", "-co", "--exclude-standard", "-z").then((stdout) =>
      stdout.split("\0").filter((file) => file !== "" && existsSync(join(this.root, file))),
    );
    return this.#files;
  }

  /** The TypeScript files among `files()`, without fixtures. */
  async sources(): Promise<readonly string[]> {
    return (await this.files()).filter((file) => file.endsWith(".ts") && !file.includes("/fixtures/"));
  }

  /** The text of a file, by its path relative to the root. */
  read(file: string): string {
    return readFileSync(join(this.root, file), "utf8");
  }

  /**
   * Runs git in the checkout.
   * @throws with git's own words when it fails
   */
  async git(...args: readonly string[]): Promise<string> {
    const { status, stdout, output } = await command("git", args, { cwd: this.root });
    if (status !== 0) throw new Error(`git ${args.join(" ")} failed: ${output.trim()}`);
    return stdout;
  }

  /**
   * Builds all packages, once.
   * @throws when the build fails
   */
  build(): Promise<void> {
    this.#build ??= this.#runBuild();
    return this.#build;
  }

  async #runBuild(): Promise<void> {
    const env = { TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" };
    const args = ["run", "build", "--output-logs=errors-only"];
    const { status } = await command(join(this.root, "node_modules/.bin/turbo"), args, {
      cwd: this.root,
      env,
      timeoutMs: 300_000,
    });
    if (status !== 0) throw new Error('the build fails: "npm run build" says why');
  }
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}
