/**
 * Cuts an image's package-lock.json out of the repository's, so that an image holds the very versions that the tests
 * ran with, checked against their integrity, and `npm ci` has nothing to decide.
 */
import type { Manifest, Workspace } from "../check/project.ts";
import { optionalPeers } from "./closure.ts";

/** What a package says it needs, in package.json and lock files alike. */
interface Needs {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** One entry of a lock file's `packages`, in the parts that are read here; the others are carried along. */
export interface LockEntry extends Needs {
  readonly version?: string;
  readonly link?: boolean;
  readonly [other: string]: unknown;
}

/** A lock file of version 3: entries by the path of the package's folder. */
export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

/** A packed package of this repository. */
export interface Tarball {
  readonly name: string;
  /** The path of the `.tgz`, relative to the folder of the package.json that names it. */
  readonly path: string;
  /** The tarball's digest as lock files write it (`sha512-…`). */
  readonly integrity: string;
}

/** What `npm ci` reads. */
export interface Installation {
  readonly manifest: { readonly private: true; readonly dependencies: Readonly<Record<string, string>> };
  readonly lock: Lock & { readonly lockfileVersion: 3 };
}

/**
 * The installation of packed packages and of all that they depend on, optional peers from outside the repository (the
 * SDKs that are loaded on first use) included.
 * @throws Error when the lock file lacks a package that one of them needs.
 */
export function cutInstallation(
  lock: Lock,
  packages: readonly Workspace[],
  tarballs: readonly Tarball[],
): Installation {
  const entries: Record<string, LockEntry> = {};
  const dependencies: Record<string, string> = {};
  const own = new Map(packages.map((one) => [one.manifest.name, one]));

  const addAll = (owner: Needs, from: string): void => {
    const optional = owner.peerDependenciesMeta ?? {};
    for (const name of Object.keys({ ...owner.dependencies, ...owner.peerDependencies })) {
      if (!own.has(name) && optional[name]?.optional !== true) addFound(name, from, true);
    }
    for (const name of Object.keys(owner.optionalDependencies ?? {})) addFound(name, from, false);
  };
  const addFound = (name: string, from: string, needed: boolean): string | undefined => {
    const path = resolved(lock, name, from);
    const entry = path === undefined ? undefined : lock.packages[path];
    if (path === undefined || entry === undefined) {
      if (needed) throw new Error(`package-lock.json has no ${name}, which ${from} needs: run npm install`);
      return undefined;
    }
    const target = moved(path, packages);
    if (entries[target] === undefined) {
      const { dev: _dev, devOptional: _devOptional, peer: _peer, ...kept } = entry;
      entries[target] = kept;
      addAll(entry, path);
    }
    return entry.version;
  };

  for (const { folder, manifest } of packages) {
    const tarball = tarballs.find((one) => one.name === manifest.name);
    if (tarball === undefined) throw new Error(`${manifest.name} was not packed`);
    const resolvedTo = `file:${tarball.path}`;
    dependencies[manifest.name] = resolvedTo;
    entries[`node_modules/${manifest.name}`] = {
      ...lockedFields(manifest),
      resolved: resolvedTo,
      integrity: tarball.integrity,
    };
    addAll(manifest, folder);
    for (const peer of optionalPeers(manifest).filter((name) => !own.has(name))) {
      const version = addFound(peer, folder, false);
      if (version !== undefined) dependencies[peer] = version;
    }
  }
  const sorted = Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    manifest: { private: true, dependencies },
    lock: { lockfileVersion: 3, packages: { "": { dependencies }, ...sorted } },
  };
}

/** Where Node finds `name` from the folder `from`: the nearest node_modules that the lock file fills. */
function resolved(lock: Lock, name: string, from: string): string | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/")))) {
    const path = at === "" ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    const entry = lock.packages[path];
    if (entry !== undefined && entry.link !== true) return path;
    if (at === "") return undefined;
  }
}

/** A path below a package's folder, as it is below the package's place in an installation. */
function moved(path: string, packages: readonly Workspace[]): string {
  const owner = packages.find(({ folder }) => path.startsWith(`${folder}/`));
  return owner === undefined ? path : `node_modules/${owner.manifest.name}${path.slice(owner.folder.length)}`;
}

function lockedFields(manifest: Manifest): LockEntry {
  const { version, bin, dependencies, peerDependencies, peerDependenciesMeta } = manifest;
  const fields = { version, bin, dependencies, peerDependencies, peerDependenciesMeta };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
