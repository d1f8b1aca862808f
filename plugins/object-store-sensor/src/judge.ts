import { FlyteError, type PollContext } from "@flyte-ts/core";
import { type ObjectStat, parseGlob } from "@flyte-ts/core/plugin";
import type { ObjectStoreConditions } from "./conditions.ts";
import type { Lookups } from "./lookups.ts";
import { folderOf } from "./store-address.ts";

/** What is remembered of a path from poll to poll: what was there, and since when. */
export interface Sighting {
  /** The files with their sizes, times and versions, in short. */
  readonly signature: string;
  /** Milliseconds of the clock that nobody sets. */
  readonly since: number;
}

/** What there is to say of a path: nothing is missing, or what is. */
export interface Verdict {
  /** What is missing; undefined when the path is as it should be. */
  readonly missing?: string;
  /** When that may be different without anything happening, in milliseconds. */
  readonly againInMs?: number | undefined;
  readonly sighting?: Sighting | undefined;
}

/** Which files a path means. */
export type Match = "file" | "prefix" | "glob";

/** How a path is read under conditions. */
export function matchOf(path: string, { match }: ObjectStoreConditions): Match {
  return match ?? (path.endsWith("/") ? "prefix" : "file");
}

/** Looks whether a path is as the conditions say. @param before what an earlier poll saw. */
export async function judge(
  path: string,
  conditions: ObjectStoreConditions,
  lookups: Lookups,
  { clock }: Pick<PollContext, "clock">,
  before: Sighting | undefined,
): Promise<Verdict> {
  const { stableFor } = conditions;
  const question = JSON.stringify([path, conditions]);
  const count = await lookups.once(question, () => counted(path, conditions, lookups, clock.now()));
  if (count.missing !== undefined) return count;
  if (stableFor === undefined) return {};
  const now = clock.elapsed?.() ?? clock.now();
  const same = before?.signature === count.signature;
  const sighting = same ? before : { signature: count.signature, since: now };
  const left = sighting.since + stableFor - now;
  if (left <= 0) return { sighting };
  return { sighting, againInMs: left, missing: `${path} to stay as it is for ${stableFor} ms` };
}

interface Counted {
  readonly missing?: string;
  readonly againInMs?: number | undefined;
  readonly signature: string;
}

async function counted(
  path: string,
  conditions: ObjectStoreConditions,
  lookups: Lookups,
  now: number,
): Promise<Counted> {
  const match = matchOf(path, conditions);
  if (match === "file") {
    const file = await lookups.stat(path);
    if (file === undefined) return { missing: `the file ${path}`, signature: "" };
    return { ...fault(file, conditions, now), signature: signatureOf(file) };
  }
  const { atLeast = 1, stableFor } = conditions;
  let files = 0;
  let unfit: Fault = {};
  let signature = 0;
  for await (const file of filesOf(path, match, lookups)) {
    const reason = fault(file, conditions, now);
    if (reason.missing === undefined) files++;
    else
      unfit = {
        missing: reason.missing,
        againInMs: Math.min(reason.againInMs ?? Infinity, unfit.againInMs ?? Infinity),
      };
    if (stableFor !== undefined) signature = (Math.imul(signature, 31) + hash(signatureOf(file))) | 0;
    else if (files >= atLeast) break;
  }
  const text = `${signature}/${files}`;
  if (files >= atLeast) return { signature: text };
  const what = match === "glob" ? `files that fit ${path}` : `files below ${path}`;
  const why = unfit.missing === undefined ? "" : `, and ${unfit.missing}`;
  const againInMs = Number.isFinite(unfit.againInMs ?? Infinity) ? unfit.againInMs : undefined;
  return { missing: `${atLeast - files} more of ${atLeast} ${what}${why}`, againInMs, signature: text };
}

function filesOf(path: string, match: Match, lookups: Lookups): AsyncIterable<ObjectStat> {
  if (match === "prefix") {
    const folder = folderOf(path);
    return lookups.list(folder, path.slice(folder.length));
  }
  const { folder, startsWith, matches } = parseGlob(path);
  return filtered(lookups.list(folder, startsWith), ({ uri }) => matches(uri));
}

async function* filtered(
  files: AsyncIterable<ObjectStat>,
  fits: (file: ObjectStat) => boolean,
): AsyncIterable<ObjectStat> {
  for await (const file of files) if (fits(file)) yield file;
}

interface Fault {
  readonly missing?: string;
  readonly againInMs?: number | undefined;
}

/** What keeps one file from being what is waited for. */
function fault({ uri, size, modified }: ObjectStat, conditions: ObjectStoreConditions, now: number): Fault {
  const { minSize, minAge, maxAge } = conditions;
  if (minSize !== undefined && known(uri, "size", size) < minSize) {
    return { missing: `${uri} to have ${minSize} bytes (it has ${size})` };
  }
  if (minAge === undefined && maxAge === undefined) return {};
  const age = now - known(uri, "time", modified).getTime();
  if (maxAge !== undefined && age > maxAge) return { missing: `${uri} to be written again (it is ${age} ms old)` };
  if (minAge !== undefined && age < minAge) {
    return { missing: `${uri} to be ${minAge} ms old (it is ${age})`, againInMs: minAge - age };
  }
  return {};
}

/** @throws FlyteError `Unsupported`: what a server does not say now it will not say later. */
function known<T>(uri: string, what: string, value: T | undefined): T {
  if (value !== undefined) return value;
  throw new FlyteError(
    "Unsupported",
    `the server of ${uri} does not say its ${what}, which the task's conditions need`,
  );
}

const signatureOf = ({ uri, size, modified, etag }: ObjectStat): string =>
  [uri, size, modified?.getTime(), etag].join(" ");

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value;
}
