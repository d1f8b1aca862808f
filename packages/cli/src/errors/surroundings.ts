/**
 * What an error of the system's says of the machine that we run on, which no trace of ours would explain: a package that
 * is not there, a file that may not be read, a full disk.
 */
export interface Surroundings {
  readonly message: string;
  /** True: the user can put it right. */
  readonly isUsers: boolean;
}

/** Node's words for a package that is not there, and the file that wanted it. */
const missingPackage = /Cannot find package '([^']+)' imported from (\S.*)$/m;

/** Node's and the system's words for what cannot be done with a file: a code, and what it means. */
const systemError = /\b(E[A-Z0-9]{3,}): \w/;

/** Codes of which the user has the cause in their hands. */
const usersCodes = new Set(["EACCES", "EPERM", "EROFS", "EISDIR", "ENOTDIR", "ENOENT", "EEXIST", "ENAMETOOLONG"]);

/** What the message of an unexpected error says of the surroundings; undefined where it says nothing of them. */
export function surroundingsOf(message: string): Surroundings | undefined {
  const [, name, importer = ""] = missingPackage.exec(message) ?? [];
  if (name !== undefined) {
    const by = /.*node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(importer)?.[1]?.replace("\\", "/");
    const who = by === undefined ? "which is needed" : `which ${by} needs`;
    const before = message.slice(0, message.search(missingPackage));
    return { message: `${before}the package ${name}, ${who}, is not installed: npm install ${name}`, isUsers: true };
  }
  if (message.includes("process.cwd failed")) {
    return { message: "the working folder has been removed; change to one that is there", isUsers: true };
  }
  const code = systemError.exec(message)?.[1];
  return code === undefined ? undefined : { message, isUsers: usersCodes.has(code) };
}
