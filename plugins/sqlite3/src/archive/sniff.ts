import { open } from "node:fs/promises";

/** What a file is, by its first bytes. `unknown` is none of the others, `empty` has no bytes at all. */
export type FileKind = "sqlite" | "zip" | "gzip" | "bzip2" | "xz" | "zstd" | "tar" | "empty" | "unknown";

/** As many first bytes as `sniff` looks at. */
export const sniffedBytes = 512;

const magics: readonly (readonly [FileKind, string])[] = [
  ["sqlite", "SQLite format 3\0"],
  ["zip", "PK\x03\x04"],
  ["zip", "PK\x05\x06"],
  ["gzip", "\x1f\x8b"],
  ["bzip2", "BZh"],
  ["xz", "\xfd7zXZ\0"],
  ["zstd", "\x28\xb5\x2f\xfd"],
];

/** Recognises a file by its magic bytes, never by its name. A tar file's are its header's checksum. */
export function sniff(head: Uint8Array): FileKind {
  if (head.length === 0) return "empty";
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString("latin1");
  const found = magics.find(([, magic]) => text.startsWith(magic));
  return found?.[0] ?? (isTarHeader(head) ? "tar" : "unknown");
}

/** What a file is, by its first bytes. @throws what the file system says, when it cannot be read. */
export async function fileKind(path: string): Promise<FileKind> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0);
    return sniff(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

/** POSIX pax, header block: bytes 148 to 155 hold the octal sum of all bytes, with these taken for spaces. */
function isTarHeader(head: Uint8Array): boolean {
  if (head.length < 512) return false;
  let sum = 0;
  for (let at = 0; at < 512; at++) sum += at >= 148 && at < 156 ? 0x20 : (head[at] ?? 0);
  const stated = Buffer.from(head.subarray(148, 156)).toString("latin1").replace(/\0.*$/s, "").trim();
  return /^[0-7]+$/.test(stated) && Number.parseInt(stated, 8) === sum;
}
