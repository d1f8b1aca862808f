import { FlyteContext, type FlyteError } from "@flyte-ts/core";
import { type ListOptions, LiteralMap, type ObjectStat, type Storage, silentLog } from "@flyte-ts/core/plugin";
import { ManualClock } from "@flyte-ts/core/testing";

/** A store of the scheme `probe`, which notes what it is asked for, and fails as it is told. */
export class ProbeStore implements Storage {
  readonly clock: ManualClock;
  readonly files = new Map<string, ObjectStat>();
  readonly requests: string[] = [];
  /** What a request throws; undefined for nothing. */
  fault: (request: string) => FlyteError | undefined = () => undefined;

  constructor(clock: ManualClock) {
    this.clock = clock;
  }

  put(uri: string, size = 1): void {
    this.files.set(uri, { uri, size, modified: new Date(this.clock.now()), etag: `${this.clock.now()}` });
  }

  #note(request: string): void {
    this.requests.push(request);
    const error = this.fault(request);
    if (error !== undefined) throw error;
  }

  async stat(uri: string): Promise<ObjectStat | undefined> {
    this.#note(`stat ${uri}`);
    return this.files.get(uri);
  }
  async *list(folder: string, { startsWith = "" }: ListOptions = {}): AsyncIterable<ObjectStat> {
    this.#note(`list ${folder}${startsWith}`);
    for (const uri of [...this.files.keys()].sort()) {
      const file = this.files.get(uri);
      if (file !== undefined && uri.startsWith(folder + startsWith)) yield file;
    }
  }
  read(): AsyncIterable<Uint8Array> {
    throw new Error("a sensor reads nothing");
  }
  async write(): Promise<void> {
    throw new Error("a sensor writes nothing");
  }
  async copy(): Promise<void> {
    throw new Error("a sensor copies nothing");
  }
  async delete(): Promise<void> {
    throw new Error("a sensor deletes nothing");
  }
}

/** A context whose time and whose store are a test's. */
export function probeContext() {
  const clock = new ManualClock();
  const store = new ProbeStore(clock);
  const context = new FlyteContext({ clock, log: silentLog });
  context.storage.register("probe", async () => store);
  return { clock, store, context };
}

/** The inputs of a task that waits for one path, or for several. */
export function inputsOf(paths: string | readonly string[]): LiteralMap {
  const literal = (value: string) => ({ scalar: { primitive: { stringValue: value } } });
  const literals =
    typeof paths === "string" ? { path: literal(paths) } : { paths: { collection: { literals: paths.map(literal) } } };
  return LiteralMap.fromJson({ literals });
}
