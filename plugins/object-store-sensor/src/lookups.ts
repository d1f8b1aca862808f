import { FlyteError, type PollContext } from "@flyte-ts/core";
import type { ObjectStat } from "@flyte-ts/core/plugin";
import { canList, folderOf, rootOf } from "./store-address.ts";

/** From how many files on one list is cheaper than asking for each. */
const worthAList = 4;
/**
 * Where files are looked for together, from the widest list to none: everything of a store that begins as they all do,
 * each folder, each file. `wasted` is how many other names a list may give, for each that is looked for.
 */
const levels = [
  { placeOf: rootOf, wasted: 2 },
  { placeOf: folderOf, wasted: 50 },
] as const;
/** How many files are asked for at a time. */
const atOnce = 16;

/** Which files the polls of one moment need, each looked up once. */
export class Lookups {
  readonly #context: PollContext;
  readonly #files = new Map<string, Promise<ObjectStat | undefined>>();
  readonly #answers = new Map<string, Promise<unknown>>();
  #requests = 0;

  /** How wide a list is still worth it: 0 for the widest; goes up when one gives far too many other names. */
  level = 0;

  constructor(context: PollContext) {
    this.#context = context;
  }

  /** Begins to look for files, by few lists where they are many. @param level what earlier lookups have found out. */
  begin(uris: readonly string[], level: number): void {
    this.level = Math.max(level, this.level);
    const distinct = [...new Set(uris)].filter((uri) => !this.#files.has(uri));
    for (const [uri, found] of this.#look(distinct, level)) this.#files.set(uri, found);
  }

  /** What is known of a file; undefined when there is none. */
  stat(uri: string): Promise<ObjectStat | undefined> {
    const known = this.#files.get(uri);
    if (known !== undefined) return known;
    for (const [one, found] of this.#each([uri])) this.#files.set(one, found);
    return this.#files.get(uri) ?? Promise.resolve(undefined);
  }

  /** The files of a folder whose names begin with `startsWith`. */
  async *list(folder: string, startsWith: string): AsyncIterable<ObjectStat> {
    await this.#turn();
    const { storage, signal } = this.#context;
    for await (const file of storage.list(folder, { signal, startsWith })) if (!file.uri.endsWith("/")) yield file;
  }

  /** The answer to a question that several tasks have, found once. */
  once<T>(question: string, answer: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(question) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const found = answer();
    this.#answers.set(question, found);
    return found;
  }

  /** A poll stands for its first request. */
  async #turn(): Promise<void> {
    this.#requests++;
    if (this.#requests > 1) await this.#context.turn();
  }

  #look(files: readonly string[], level: number): ReadonlyMap<string, Promise<ObjectStat | undefined>> {
    const { placeOf } = levels[level] ?? {};
    if (placeOf === undefined) return this.#each(files);
    const looked = new Map<string, Promise<ObjectStat | undefined>>();
    for (const [place, those] of Map.groupBy(files, placeOf)) {
      const together = canList(place) && those.length >= worthAList;
      const found = together ? this.#listed(place, those, level) : this.#look(those, level + 1);
      for (const [uri, stat] of found) looked.set(uri, stat);
    }
    return looked;
  }

  #each(files: readonly string[]): ReadonlyMap<string, Promise<ObjectStat | undefined>> {
    const { storage, signal } = this.#context;
    const asked = new Map(files.map((uri) => [uri, Promise.withResolvers<ObjectStat | undefined>()]));
    const queue = [...asked];
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [uri, { promise, resolve }] = next;
        resolve(this.#turn().then(() => storage.stat(uri, { signal })));
        await promise.catch(() => {});
      }
    };
    for (let number = 0; number < Math.min(atOnce, files.length); number++) void worker();
    return new Map([...asked].map(([uri, { promise }]) => [uri, promise]));
  }

  /** One list for many files. What a store does not list, or only among far too many others, is looked for otherwise. */
  #listed(
    place: string,
    files: readonly string[],
    level: number,
  ): ReadonlyMap<string, Promise<ObjectStat | undefined>> {
    const list = async (): Promise<(uri: string) => Promise<ObjectStat | undefined>> => {
      const wanted = new Set(files);
      const startsWith = commonBeginning(files.map((uri) => uri.slice(place.length)));
      const most = 1000 + (levels[level]?.wasted ?? 0) * wanted.size;
      const found = new Map<string, ObjectStat>();
      let seen = 0;
      try {
        for await (const file of this.list(place, startsWith)) {
          seen++;
          if (wanted.has(file.uri)) found.set(file.uri, file);
          if (found.size === wanted.size || seen > most) break;
        }
        if (seen <= most) return async (uri) => found.get(uri);
      } catch (error) {
        if (!FlyteError.is(error) || !["PermissionDenied", "Unsupported"].includes(error.code)) throw error;
      }
      this.level = Math.max(this.level, level + 1);
      const others = this.#look(
        files.filter((uri) => !found.has(uri)),
        level + 1,
      );
      for (const other of others.values()) other.catch(() => {});
      return async (uri) => found.get(uri) ?? others.get(uri);
    };
    const listed = list();
    return new Map(files.map((uri) => [uri, listed.then((stat) => stat(uri))]));
  }
}

function commonBeginning(names: readonly string[]): string {
  const [first = ""] = names;
  let length = first.length;
  for (const name of names) while (!name.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}
