import {
  abortable,
  FlyteError,
  type ListOptions,
  type ObjectStat,
  type ReadOptions,
  type Storage,
  type StorageOptions,
  type WriteBody,
  type WriteOptions,
} from "@flyte-ts/core/plugin";

/** One object of a `MemoryStorage`. */
interface Kept {
  readonly bytes: Uint8Array;
  readonly version: number;
}

/** A store in memory that keeps to the contract, in small steps that a subclass can spoil. */
export class MemoryStorage implements Storage {
  readonly objects = new Map<string, Kept>();
  version = 0;

  address(uri: string): string {
    if (!uri.startsWith("mem://")) throw new FlyteError("InvalidInput", `"${uri}" is not a mem: URI`);
    return uri;
  }

  checkSignal(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
  }

  keep(uri: string, bytes: Uint8Array): void {
    this.objects.set(uri, { bytes: bytes.slice(), version: ++this.version });
  }

  etag({ version }: Kept): string {
    return `"${version}"`;
  }

  size({ bytes }: Kept): number {
    return bytes.byteLength;
  }

  range(bytes: Uint8Array, start: number, end: number): Uint8Array {
    return end <= start ? new Uint8Array() : bytes.subarray(start, end);
  }

  async stat(uri: string, { signal }: StorageOptions = {}): Promise<ObjectStat | undefined> {
    this.checkSignal(signal);
    const kept = this.objects.get(this.address(uri));
    return kept && { uri, size: this.size(kept), modified: new Date(), etag: this.etag(kept) };
  }

  missing(uri: string): Uint8Array {
    throw new FlyteError("NotFound", `there is no ${uri}`);
  }

  another(uri: string): void {
    throw new FlyteError("Unavailable", `${uri} is another by now`);
  }

  async *read(uri: string, { start = 0, end = Infinity, etag, signal }: ReadOptions = {}): AsyncIterable<Uint8Array> {
    this.checkSignal(signal);
    const kept = this.objects.get(this.address(uri));
    const bytes = kept?.bytes ?? this.missing(uri);
    if (etag !== undefined && (kept === undefined || this.etag(kept) !== etag)) this.another(uri);
    const part = this.range(bytes, start, end);
    for (let at = 0; at < part.byteLength; at += 65_536) {
      this.checkSignal(signal);
      yield part.subarray(at, at + 65_536);
    }
  }

  async *body(body: WriteBody, signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
    if (body instanceof Uint8Array) yield body;
    else yield* abortable(body, signal);
  }

  async write(uri: string, body: WriteBody, { signal, ifAbsent = false }: WriteOptions = {}): Promise<void> {
    this.checkSignal(signal);
    this.address(uri);
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.body(body, signal)) {
      chunks.push(chunk);
      this.during(uri, chunks);
    }
    if (ifAbsent && this.objects.has(uri)) this.exists(uri, Buffer.concat(chunks));
    this.keep(uri, Buffer.concat(chunks));
  }

  exists(uri: string, _bytes: Uint8Array): void {
    throw new FlyteError("AlreadyExists", `there is a ${uri}`);
  }

  during(_uri: string, _chunks: Uint8Array[]): void {}

  inFolder(uri: string, folder: string): boolean {
    return uri.startsWith(`${folder.replace(/\/+$/, "")}/`);
  }

  compare(a: string, b: string): number {
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  }

  beginsSo(name: string, startsWith: string): boolean {
    return name.startsWith(startsWith);
  }

  async *list(prefix: string, { startsWith = "", signal }: ListOptions = {}): AsyncIterable<ObjectStat> {
    this.checkSignal(signal);
    const folder = this.address(prefix);
    const uris = [...this.objects.keys()]
      .filter((uri) => this.inFolder(uri, folder))
      .filter((uri) => this.beginsSo(uri.slice(folder.replace(/\/+$/, "").length + 1), startsWith));
    for (const uri of uris.sort((a, b) => this.compare(a, b))) {
      const found = await this.stat(uri);
      if (found !== undefined) yield found;
    }
  }

  async copy(from: string, to: string, { signal }: StorageOptions = {}): Promise<void> {
    this.checkSignal(signal);
    const bytes = this.objects.get(this.address(from))?.bytes ?? this.missing(from);
    this.keep(this.address(to), bytes);
  }

  async delete(uri: string, { signal }: StorageOptions = {}): Promise<void> {
    this.checkSignal(signal);
    this.objects.delete(this.address(uri));
  }
}
