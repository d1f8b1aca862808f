import type { Progress } from "./progress.ts";

type Write = typeof process.stdout.write;

/** How the standard streams are shared between the run's own drawing, its tasks, and the result. */
export interface SharedOutputOptions {
  readonly progress: Progress;
  /** True: what tasks print on standard output goes to standard error, so that standard output holds the result alone. */
  readonly resultOnly: () => boolean;
}

/**
 * Puts what tasks print above the progress that is drawn, and keeps standard output clean where programs read it.
 * @returns what ends that.
 */
export function shareOutput({ progress, resultOnly }: SharedOutputOptions): () => void {
  const { stdout, stderr } = process;
  const own = { stdout: stdout.write, stderr: stderr.write };
  const through = (write: Write, stream: NodeJS.WriteStream): Write => {
    const put = write.bind(stream) as Write;
    return ((...args: Parameters<Write>) => {
      progress.clear();
      const result = put(...args);
      // A line that is not ended would be overwritten; it is drawn over at the next event instead.
      if (String(args[0]).endsWith("\n")) progress.draw();
      return result;
    }) as Write;
  };
  const toStdout = through(own.stdout, stdout);
  const toStderr = through(own.stderr, stderr);
  stderr.write = toStderr;
  stdout.write = ((...args: Parameters<Write>) => (resultOnly() ? toStderr : toStdout)(...args)) as Write;
  return () => {
    stdout.write = own.stdout;
    stderr.write = own.stderr;
  };
}

/**
 * A terminal on standard error that goes around what `shareOutput` puts in between. One that can only write (`TERM=dumb`:
 * an editor's, a log's) counts as none.
 */
export function ownTerminal(): { readonly isTTY: boolean; readonly columns: number; write(text: string): boolean } {
  const { stderr } = process;
  const write = stderr.write.bind(stderr);
  const isTTY = stderr.isTTY === true && process.env.TERM !== "dumb";
  return { isTTY, columns: stderr.columns || 80, write: (text) => write(text) };
}
