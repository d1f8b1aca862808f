/** Where a task's database is; flytekit's `SQLite3Config`. */
export interface Sqlite3Config {
  /** The database file, or the archive that holds it: a URI of any storage (`s3://`, `https://` …), or a path. */
  readonly uri: string;
  /** The file is an archive (zip, tar, tar.gz, tar.bz2, tar.xz) whose only file is the database. False by default. */
  readonly compressed?: boolean;
}
