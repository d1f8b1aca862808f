import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "./check.ts";

interface Entry {
  readonly version?: string;
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Lock {
  packages: Record<string, Entry>;
}

interface Missing {
  readonly path: string;
  readonly entry: Entry;
}

const systems: Readonly<Record<string, string>> = { windows: "win32" };
const knownSystems = "aix android darwin freebsd linux netbsd openbsd openharmony sunos win32 windows".split(" ");
const processors: Readonly<Record<string, string>> = {
  "64": "x64",
  armv7: "arm",
};
const knownProcessors = "arm arm64 armv7 ia32 loong64 mips64el ppc64 riscv64 s390x x64 64".split(" ");

/**
 * `npm ci` works on every platform: the lock file names the binaries of all of them. `npm install` leaves out those
 * that the registry does not hand out; `--update` adds them, without a checksum.
 */
export const lockfile: Check = {
  name: "lockfile",
  async run(project) {
    const lock = JSON.parse(project.read("package-lock.json")) as Lock;
    const missing = missingEntries(lock);
    if (project.update && missing.length > 0) {
      for (const { path, entry } of missing) lock.packages[path] = entry;
      const sorted = Object.entries(lock.packages).sort(([left], [right]) => left.localeCompare(right, "en"));
      lock.packages = Object.fromEntries(sorted);
      writeFileSync(join(project.root, "package-lock.json"), `${JSON.stringify(lock, undefined, 2)}\n`);
    }
    const resolved = Object.entries(lock.packages)
      .filter(([, entry]) => entry.resolved?.includes("://") === true)
      .map(([path]) => `package-lock.json: ${path} names a host; .npmrc says omit-lockfile-registry-resolved`);
    const how = "npm run check -- lockfile --update";
    const lacking = project.update ? [] : missing.map(({ path }) => `package-lock.json: lacks ${path}: ${how}`);
    return { summary: `${Object.keys(lock.packages).length} packages`, findings: [...resolved, ...lacking] };
  },
};

function missingEntries({ packages }: Lock): Missing[] {
  return Object.entries(packages).flatMap(([parent, { dev: isDev, optionalDependencies }]) =>
    Object.entries(optionalDependencies ?? {})
      .filter(([name]) => !resolves(packages, parent, name))
      .map(([name, version]) => {
        const level = parent.slice(0, parent.lastIndexOf("node_modules/"));
        const dev = isDev === true ? { dev: true } : {};
        const { cpu, libc, os } = platform(name);
        // In npm's own order, so that the next install changes nothing.
        const entry: Entry = { version, ...cpu, ...dev, ...libc, optional: true, ...os };
        return { path: `${level}node_modules/${name}`, entry };
      }),
  );
}

/** Whether Node would find the package from this folder. */
function resolves(packages: Lock["packages"], from: string, name: string): boolean {
  let at = from;
  for (;;) {
    if (packages[`${at === "" ? "" : `${at}/`}node_modules/${name}`] !== undefined) return true;
    if (at === "") return false;
    at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")));
  }
}

/** A binary's package tells its platform by its name: `binding-linux-arm64-musl`. */
function platform(name: string): { cpu: Pick<Entry, "cpu">; libc: Pick<Entry, "libc">; os: Pick<Entry, "os"> } {
  const parts = name.split(/[/-]/);
  const system = parts.find((part) => knownSystems.includes(part));
  const processor = parts.find((part) => knownProcessors.includes(part));
  const musl = parts.some((part) => part.startsWith("musl"));
  const gnu = parts.some((part) => part.startsWith("gnu"));
  return {
    cpu: processor === undefined ? {} : { cpu: [processors[processor] ?? processor] },
    libc: musl ? { libc: ["musl"] } : gnu ? { libc: ["glibc"] } : {},
    os: system === undefined ? {} : { os: [systems[system] ?? system] },
  };
}
