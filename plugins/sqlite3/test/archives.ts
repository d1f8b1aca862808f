import { crc32, deflateRawSync } from "node:zlib";
import { type Header, pack } from "tar-stream";

/** An entry of a zip archive under test. */
export interface ZipEntry {
  readonly name: string;
  readonly content?: Uint8Array | string;
  /** The Unix mode, upper half of the external attributes: 0o120777 for a symbolic link. */
  readonly mode?: number;
  /** What the archive claims the entry unpacks to; the truth by default. */
  readonly claimedSize?: number;
  /** General purpose bits: 1 for an encrypted entry. */
  readonly flags?: number;
}

/** A zip archive by APPNOTE.TXT 4.3, as small as it can be. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content = "", mode = 0o100644, claimedSize, flags = 0 } of entries) {
    const bytes = Buffer.from(content);
    const data = deflateRawSync(bytes);
    const size = claimedSize ?? bytes.length;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(Math.min(size, 0xffffffff), 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const big = size >= 0xffffffff;
    const extra = Buffer.alloc(big ? 12 : 0);
    if (big) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(8, 2);
      extra.writeBigUInt64LE(BigInt(size), 4);
    }
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, Buffer.from(name), data]);
    common.writeUInt16LE(extra.length, 24);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(mode * 0x10000, 6);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x03", "latin1"), common, rest, Buffer.from(name), extra);
    files.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, central, Buffer.from("PK\x05\x06"), end]);
}

/** A tar archive. */
export async function tarOf(
  entries: readonly (Partial<Header> & { readonly name: string; readonly content?: Uint8Array | string })[],
): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...header } of entries) {
    archive.entry(header, Buffer.from(content ?? ""));
  }
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
