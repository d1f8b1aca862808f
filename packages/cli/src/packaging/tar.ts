import type { NamedBytes } from "./registration-files.ts";

const blockBytes = 512;
/** The longest name that fits a header, in bytes. */
const longestName = 100;

/**
 * A tar archive of files (POSIX ustar, with a pax record for a name that no ustar header can have), in the order in which
 * they are given. No time and no owner is in it, so that equal files give equal bytes.
 */
export function tar(files: readonly NamedBytes[]): Uint8Array {
  const blocks = files.flatMap(({ name, bytes }) => {
    const plain = /^[\x20-\x7e]+$/.test(name) && name.length <= longestName;
    const own = plain ? [] : entry("x", "pax-header", paxRecord("path", name));
    return [...own, ...entry("0", plain ? name : "pax-file", bytes)];
  });
  // two empty blocks are the end
  return Buffer.concat([...blocks, new Uint8Array(2 * blockBytes)]);
}

/** A header, the bytes, and what fills their last block. */
function entry(type: string, name: string, bytes: Uint8Array): Uint8Array[] {
  const header = Buffer.alloc(blockBytes);
  const fields: readonly (readonly [offset: number, text: string])[] = [
    [0, name],
    [100, "0000644\0"],
    [108, "0000000\0"],
    [116, "0000000\0"],
    [124, `${octal(bytes.length, 11)}\0`],
    [136, `${octal(0, 11)}\0`],
    // the checksum is that of a header with spaces in its place
    [148, "        "],
    [156, type],
    [257, "ustar\0" + "00"],
    [329, "0000000\0"],
    [337, "0000000\0"],
  ];
  for (const [offset, text] of fields) header.write(text, offset, "latin1");
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
    148,
    "latin1",
  );
  return [header, bytes, new Uint8Array((blockBytes - (bytes.length % blockBytes)) % blockBytes)];
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");

/** `<length> key=value\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.length;
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
