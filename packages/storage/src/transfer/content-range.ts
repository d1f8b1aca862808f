/** What a `Content-Range` header says (RFC 9110, 14.4). */
export interface ContentRange {
  /** The first byte of this body. */
  readonly first: number;
  /** The byte after the body's last one. */
  readonly end: number;
  /** The whole object's bytes; undefined where the server says `*`. */
  readonly total: number | undefined;
}

/** Reads `bytes 0-99/1234`; undefined for anything else. */
export function parseContentRange(header: string | undefined): ContentRange | undefined {
  const found = /^bytes\s+(\d+)-(\d+)\/(\d+|\*)$/i.exec(header?.trim() ?? "");
  if (found === null) return undefined;
  const [first, last] = [Number(found[1]), Number(found[2])];
  return last < first ? undefined : { first, end: last + 1, total: found[3] === "*" ? undefined : Number(found[3]) };
}

/** The `Range` header for the bytes from `start` to before `end`; undefined where that is the whole object. */
export function rangeHeader(start: number, end: number | undefined): string | undefined {
  return start === 0 && end === undefined ? undefined : `bytes=${start}-${end === undefined ? "" : end - 1}`;
}
