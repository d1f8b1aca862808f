import { FlyteError } from "../errors/flyte-error.ts";

/** True where an error says that there is no such file or folder. */
export function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes((error as { code?: string }).code ?? "");
}

/** A file system's error in our words; errors that are ours already, and those of nobody's, pass. */
export function fileSystemError(error: unknown, path: string): unknown {
  if (FlyteError.is(error)) return error;
  const { code = "", message } = error as { code?: string; message?: string };
  const options = { cause: error };
  switch (code) {
    case "ENOENT":
      return new FlyteError("NotFound", `there is no file ${path}`, options);
    case "ENOTDIR":
    case "EEXIST":
      return new FlyteError(
        "NotFound",
        `there is no file ${path}: a part of its path is a file, not a folder`,
        options,
      );
    case "EISDIR":
    case "ERR_FS_EISDIR":
    case "ENOTEMPTY":
      return new FlyteError("InvalidInput", `${path} is a folder, where a file is needed`, options);
    case "ENAMETOOLONG":
    case "ELOOP":
    case "EINVAL":
      return new FlyteError("InvalidInput", `${path} cannot be a file's path (${message})`, options);
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new FlyteError("PermissionDenied", `${path} may not be accessed (${message})`, options);
    default:
      return /^E[A-Z0-9]+$/.test(code) ? new FlyteError("Unavailable", `${path}: ${message}`, options) : error;
  }
}
