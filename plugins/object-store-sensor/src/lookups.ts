import { FlyteError, type PollContext } from "@flyte-ts/core";
import type { ObjectStat } from "@flyte-ts/core/plugin";
import { canList, folderOf } from "./store-address.ts";

/** From how many files of a folder on one list is cheaper than asking for each. */
const worthAList = 4;
/** Names that a list may give in vain, for each that is looked for. */
const wasted = 50;
/** How many files are asked for at a time. */
const atOnce = 16;

/** Which files the polls of one moment need, each looked up once. */
export class Lookups {
  readonly #context: PollContext;
  readonly #files = new Map<string, Promise<ObjectStat | undefined>>();
  readonly #answers = new Map<string, Promise<unknown>>();
  #requests = 0;

  /** True when a list of a folder was given up, because far too many other files are in it. */
  crowded = false;

  constructor(context: PollContext) {
    this.#context = context;
  }

  /** Begins to look for files, by one list where they are many in one folder and `lists` allows it. */
  begin(uris: readonly string[], lists: boolean): void {
    const distinct = [...new Set(uris)].filter((uri) => !this.#files.has(uri));
    for (const [folder, files] of Map.groupBy(distinct, folderOf)) {
      const together = lists && canList(folder) && files.length >= worthAList;
      const found = together ? this.#listed(folder, files) : this.#each(files);
      for (const uri of files)
        this.#files.set(
          uri,
          found.then((stats) => stats(uri)),
        );
    }
  }

  /** What is known of a file; undefined when there is none. */
  stat(uri: string): Promise<ObjectStat | undefined> {
    this.begin([uri], false);
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

  async #each(files: readonly string[]): Promise<(uri: string) => Promise<ObjectStat | undefined>> {
    const { storage, signal } = this.#context;
    const asked = new Map(files.map((uri) => [uri, Promise.withResolvers<ObjectStat | undefined>()]));
    for (const { promise } of asked.values()) promise.catch(() => {});
    const queue = [...asked];
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [uri, { promise, resolve }] = next;
        resolve(this.#turn().then(() => storage.stat(uri, { signal })));
        await promise.catch(() => {});
      }
    };
    for (let number = 0; number < Math.min(atOnce, files.length); number++) void worker();
    return (uri) => asked.get(uri)?.promise ?? Promise.resolve(undefined);
  }

  /** One list for many files. A store that does not let itself be listed is asked for each. */
  async #listed(folder: string, files: readonly string[]): Promise<(uri: string) => Promise<ObjectStat | undefined>> {
    const wanted = new Set(files);
    const startsWith = commonBeginning(files.map((uri) => uri.slice(folder.length)));
    const found = new Map<string, ObjectStat>();
    let seen = 0;
    try {
      for await (const file of this.list(folder, startsWith)) {
        seen++;
        if (wanted.has(file.uri)) found.set(file.uri, file);
        if (found.size === wanted.size) break;
        if (seen > 1000 + wasted * wanted.size) {
          this.crowded = true;
          break;
        }
      }
    } catch (error) {
      if (!FlyteError.is(error) || !["PermissionDenied", "Unsupported"].includes(error.code)) throw error;
      return this.#each(files);
    }
    const others = this.crowded ? await this.#each(files.filter((uri) => !found.has(uri))) : undefined;
    return async (uri) => found.get(uri) ?? others?.(uri);
  }
}

function commonBeginning(names: readonly string[]): string {
  const [first = ""] = names;
  let length = first.length;
  for (const name of names) while (!name.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}
