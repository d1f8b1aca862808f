/** What every command is given besides its arguments. */
export interface CommandContext {
  /** Aborted when the program is to stop. */
  readonly signal: AbortSignal;
}

/**
 * Does what a command's arguments say.
 * @returns the exit code.
 * @throws FlyteError of kind user for the user's mistake.
 */
export type RunCommand = (args: readonly string[], context: CommandContext) => Promise<number>;

/** A command of `flyte-ts`; its code is loaded when it is called. */
export interface Command {
  readonly name: string;
  /** What it is for, in a line. */
  readonly summary: string;
  readonly load: () => Promise<RunCommand>;
}
