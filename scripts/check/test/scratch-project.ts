import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Project } from "../project.ts";

/** A repository of a few files for one test; gone when it is disposed of. */
export class ScratchProject implements Disposable {
  readonly root: string;

  constructor(files: Readonly<Record<string, string | object>>) {
    this.root = mkdtempSync(join(realpathSync(tmpdir()), "flyte-ts-check-test-"));
    this.write({ "package.json": { name: "scratch", version: "0.0.0", workspaces: ["packages/*", "plugins/*"] } });
    this.write(files);
    this.git("init", "-q", "-b", "main");
  }

  /** Writes files; an object becomes JSON. */
  write(files: Readonly<Record<string, string | object>>): void {
    for (const [file, content] of Object.entries(files)) {
      const path = join(this.root, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, typeof content === "string" ? content : `${JSON.stringify(content, undefined, 2)}\n`);
    }
  }

  git(...args: readonly string[]): void {
    const identity = ["-c", "user.name=test", "-c", "user.email=test@example.invalid", "-c", "commit.gpgsign=false"];
    execFileSync("git", [...identity, ...args], { cwd: this.root, stdio: "pipe" });
  }

  commit(): void {
    this.git("add", "-A");
    this.git("commit", "-q", "-m", "a step");
  }

  /** The project as the checks see it now. */
  project(options: { readonly update?: boolean } = {}): Project {
    return new Project(this.root, { scratch: this.root, ...options });
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A package.json with one door. */
export function manifest(name: string, rest: object = {}): object {
  return {
    name,
    version: "1.0.0",
    type: "module",
    exports: { ".": { "@flyte-ts/source": "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" } },
    ...rest,
  };
}
