import { existsSync, type FSWatcher, watch } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseGlob, schemeOf } from "@flyte-ts/core/plugin";
import type { Match } from "./judge.ts";

/**
 * Listens to what the file system says of the places where local files are waited for. What it cannot listen to (a
 * network file system, a limit of the machine) is left to the polls.
 * @returns undefined when no path is a local one.
 */
export function watchLocal(
  paths: readonly string[],
  matchOf: (path: string) => Match,
  changed: () => void,
): Disposable | undefined {
  const watches = paths.flatMap((path) => {
    const folder = watchedFolder(path, matchOf(path));
    return folder === undefined ? [] : [new FolderWatch(folder, matchOf(path) !== "file", changed)];
  });
  if (watches.length === 0) return undefined;
  return {
    [Symbol.dispose]() {
      for (const each of watches) each[Symbol.dispose]();
    },
  };
}

function watchedFolder(path: string, match: Match): string | undefined {
  if (schemeOf(path) !== "file") return undefined;
  try {
    const plain = match === "glob" ? parseGlob(path).folder : path;
    const local = /^file:/i.test(plain) ? fileURLToPath(plain.replace(/^file:\/*/i, "file:///")) : plain;
    return resolve(match === "file" || !local.endsWith("/") ? dirname(local) : local);
  } catch {
    // The poll says what is wrong with the path.
    return undefined;
  }
}

/** Watches a folder, or as long as there is none, the nearest folder in which it will appear. */
class FolderWatch implements Disposable {
  readonly #folder: string;
  readonly #recursive: boolean;
  readonly #changed: () => void;
  #watcher: FSWatcher | undefined;
  #watched: string | undefined;

  constructor(folder: string, recursive: boolean, changed: () => void) {
    this.#folder = folder;
    this.#recursive = recursive;
    this.#changed = changed;
    this.#listen();
  }

  #listen(): void {
    // What appears before the watch stands says nothing to it: look again until nothing nearer is there.
    for (let place = this.#nearest(); place !== this.#watched; place = this.#nearest()) {
      this.#close();
      if (!this.#watch(place)) return;
    }
  }

  #nearest(): string {
    let place = this.#folder;
    while (!existsSync(place) && place !== dirname(place)) place = dirname(place);
    return place;
  }

  #watch(place: string): boolean {
    try {
      const recursive = this.#recursive && place === this.#folder;
      this.#watcher = watch(place, { persistent: false, recursive }, () => {
        this.#listen();
        this.#changed();
      });
      this.#watcher.on("error", () => this.#close());
      this.#watched = place;
      return true;
    } catch {
      return false;
    }
  }

  #close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#watched = undefined;
  }

  [Symbol.dispose](): void {
    this.#close();
  }
}
