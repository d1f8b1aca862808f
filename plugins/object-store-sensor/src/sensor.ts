import {
  BaseSensor,
  FlyteError,
  found,
  type Natives,
  notYet,
  type PollAnswer,
  type PollContext,
  type PollRequest,
  type Types,
  t,
} from "@flyte-ts/core";
import { type ObjectStoreConditions, readConditions } from "./conditions.ts";
import { judge, matchOf, type Sighting } from "./judge.ts";
import { watchLocal } from "./local-watch.ts";
import { Lookups } from "./lookups.ts";
import { canList, storeOf } from "./store-address.ts";

/** What is remembered from poll to poll: each path's files, and how wide a list is worth it. */
interface Memory {
  readonly sightings: ReadonlyMap<string, Sighting>;
  readonly level: number;
}

type Request = PollRequest<Readonly<Record<string, unknown>>, ObjectStoreConditions, Memory>;

/** Waits for files of any store; what the two below have in common. */
abstract class ObjectStoreSensor<Variables extends Types> extends BaseSensor<
  Variables,
  Variables,
  ObjectStoreConditions,
  Memory
> {
  /** What a bucket takes of one process: S3 refuses from some thousand on. */
  override readonly requestsPerSecond = 500;

  protected abstract pathsOf(inputs: Readonly<Record<string, unknown>>): readonly string[];
  protected abstract outputOf(there: readonly string[]): Readonly<Record<string, unknown>>;

  override readConfig(config: object): ObjectStoreConditions {
    return readConditions(config);
  }

  override endpoint({ inputs }: Request): string {
    return storeOf(this.pathsOf(inputs)[0] ?? "");
  }

  /** Single files of one store, which one list may answer; and equal prefixes and patterns, of which one list does. */
  override group({ inputs, config }: Request): string | undefined {
    const paths = this.pathsOf(inputs);
    const [path = ""] = paths;
    const store = storeOf(path);
    if (!canList(path) || paths.some((other) => storeOf(other) !== store)) return undefined;
    if (paths.every((each) => matchOf(each, config) === "file")) return "files";
    return paths.length === 1 ? `${matchOf(path, config)} ${path}` : undefined;
  }

  override async poll(request: Request, context: PollContext): Promise<PollAnswer<never>> {
    const [answer] = this.pollTogether([request], context);
    return answer ?? notYet("");
  }

  override pollTogether(requests: readonly Request[], context: PollContext): readonly Promise<PollAnswer<never>>[] {
    const lookups = new Lookups(context);
    const files = requests.flatMap(({ inputs, config }) =>
      this.pathsOf(inputs).filter((path) => matchOf(path, config) === "file"),
    );
    lookups.begin(files, Math.max(...requests.map(({ memory }) => memory?.level ?? 0)));
    return requests.map((request) => this.#answer(request, lookups, context));
  }

  override watch({ inputs, config }: Request, changed: () => void): Disposable | undefined {
    return watchLocal(this.pathsOf(inputs), (path) => matchOf(path, config), changed);
  }

  async #answer(request: Request, lookups: Lookups, context: PollContext): Promise<PollAnswer<never>> {
    const { inputs, config, memory } = request;
    const paths = this.pathsOf(inputs);
    if (paths.length === 0) throw new FlyteError("InvalidInput", "paths is empty: there is nothing to wait for");
    if (paths.some((path) => path.trim() === "")) {
      throw new FlyteError("InvalidInput", 'a path is ""; it must name a file or files, such as s3://bucket/file');
    }
    const verdicts = await Promise.all(
      paths.map((path) =>
        judge(path, config, lookups, context, memory?.sightings.get(path)).catch((error: unknown) => {
          throw withPath(error, path);
        }),
      ),
    );
    const seen = verdicts.flatMap(({ sighting }, at) =>
      sighting === undefined ? [] : [[paths[at] ?? "", sighting] as const],
    );
    request.memory = { sightings: new Map(seen), level: Math.max(lookups.level, memory?.level ?? 0) };
    const there = paths.filter((_, at) => verdicts[at]?.missing === undefined);
    if (config.paths === "any" ? there.length > 0 : there.length === paths.length) {
      return found(this.outputOf(there)) as PollAnswer<never>;
    }
    const missing = verdicts.flatMap(({ missing: what }) => what ?? []);
    const againInMs = Math.min(...verdicts.map((verdict) => verdict.againInMs ?? Infinity));
    const [first = ""] = missing;
    const text = missing.length === 1 ? first : `${first}, and ${missing.length - 1} more of ${paths.length} paths`;
    return notYet(text, Number.isFinite(againInMs) ? { againInMs } : {});
  }
}

/** Who is refused wants to know which path it was, and what is needed. */
function withPath(error: unknown, path: string): unknown {
  if (!FlyteError.is(error) || error.code !== "PermissionDenied") return error;
  const text = `${path} may not be looked at: the task needs permission to read the object and to list its bucket (${error.message})`;
  return new FlyteError("PermissionDenied", text, { cause: error });
}

type StringList = ReturnType<typeof t.list<typeof t.string>>;

/** The variables of a task that waits for one path. */
export type PathVariables = { readonly path: typeof t.string };
/** The variables of a task that waits for several. */
export type PathsVariables = { readonly paths: StringList };
/** The outputs of a task that waits for one path, and may time out softly. */
export type OptionalPathVariables = { readonly path: ReturnType<typeof t.optional<typeof t.string>> };
/** The outputs of a task that waits for several, and may time out softly. */
export type OptionalPathsVariables = { readonly paths: ReturnType<typeof t.optional<StringList>> };

const path: PathVariables = { path: t.string };
const paths: PathsVariables = { paths: t.list(t.string) };

/** Waits for one path. */
export class PathSensor extends ObjectStoreSensor<PathVariables> {
  readonly name = "object-store-path";
  readonly inputs: PathVariables = path;
  readonly outputs: PathVariables = path;
  protected override pathsOf({ path: given }: Readonly<Record<string, unknown>>): readonly string[] {
    return [given as string];
  }
  protected override outputOf([there = ""]: readonly string[]): Natives<PathVariables> {
    return { path: there };
  }
}

/** Waits for several paths. */
export class PathsSensor extends ObjectStoreSensor<PathsVariables> {
  readonly name = "object-store-paths";
  readonly inputs: PathsVariables = paths;
  readonly outputs: PathsVariables = paths;
  protected override pathsOf({ paths: given }: Readonly<Record<string, unknown>>): readonly string[] {
    return given as readonly string[];
  }
  protected override outputOf(there: readonly string[]): Natives<PathsVariables> {
    return { paths: [...there] };
  }
}

/**
 * The sensor of conditions, or of a name that stands in a template.
 * @throws FlyteError `NotFound` for a name that is none.
 */
export function sensorOf(wanted: ObjectStoreConditions | string): PathSensor | PathsSensor {
  const sensors = [new PathSensor(), new PathsSensor()];
  const name = typeof wanted === "string" ? wanted : sensors[wanted.paths === undefined ? 0 : 1]?.name;
  const sensor = sensors.find((each) => each.name === name);
  if (sensor !== undefined) return sensor;
  throw new FlyteError(
    "NotFound",
    `there is no sensor "${name}" for object stores, only ${sensors.map((each) => each.name).join(", ")}`,
  );
}
