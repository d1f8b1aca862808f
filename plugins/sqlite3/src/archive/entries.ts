import { FlyteError } from "@flyte-ts/core/plugin";

/** What an archive says of one of its entries. */
export interface ArchiveEntry {
  readonly name: string;
  /** Everything but files and folders is refused: links, devices. */
  readonly kind: "file" | "folder" | "link" | "other";
}

/**
 * Decides which entry of an archive is the database: there must be exactly one regular file, in whichever folder.
 * What macOS adds (`__MACOSX/`, `.DS_Store`, `._name`) does not count.
 */
export class EntryChooser {
  readonly #archive: string;
  #chosen: string | undefined;

  /** @param archive the archive's name for messages. */
  constructor(archive: string) {
    this.#archive = archive;
  }

  /**
   * True for the file to unpack.
   * @throws FlyteError `InvalidInput` for a name that leaves the archive's folder, a link or device, a second file.
   */
  accept({ name, kind }: ArchiveEntry): boolean {
    if (leavesFolder(name))
      throw this.#refuse(`the entry ${JSON.stringify(name)} leaves the folder that it is unpacked into`);
    if (isMacOsExtra(name) || kind === "folder") return false;
    if (kind !== "file")
      throw this.#refuse(
        `the entry ${JSON.stringify(name)} is a ${kind === "link" ? "link" : "device or pipe"}, where a database file is needed`,
      );
    if (this.#chosen !== undefined) {
      throw this.#refuse(
        `the archive must hold exactly one file; it holds ${JSON.stringify(this.#chosen)} and ${JSON.stringify(name)}`,
      );
    }
    this.#chosen = name;
    return true;
  }

  /** The error for an archive in which no file came. */
  none(): FlyteError {
    return this.#refuse("the archive must hold exactly one file; it holds none");
  }

  #refuse(text: string): FlyteError {
    return new FlyteError("InvalidInput", `${this.#archive}: ${text}`);
  }
}

const leavesFolder = (name: string): boolean => /^[/\\]|^[a-z]:|\0/i.test(name) || name.split(/[/\\]/).includes("..");

const isMacOsExtra = (name: string): boolean => {
  const parts = name.split("/");
  const last = parts.at(-1) ?? "";
  return parts[0] === "__MACOSX" || last === ".DS_Store" || last.startsWith("._");
};
