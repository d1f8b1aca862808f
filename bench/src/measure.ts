import { join } from "node:path";
import { run } from "@flyte-ts/interop/python";

/** What one run of a command took and used. */
export interface Measured {
  /** Seconds from start to end. */
  readonly wall: number;
  /** Seconds from start until the awaited file stood there. */
  readonly outputs: number;
  /** Seconds of processor time, user and system. */
  readonly cpu: number;
  /** Bytes, of the largest process. */
  readonly peak: number;
  /** Seconds that the command printed, where it measures itself. */
  readonly said: number;
}

/** A command to measure. */
export interface Command {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The file whose appearance is timed. */
  readonly awaits?: string;
  /** Whether the command prints the seconds that it measured itself. */
  readonly says?: boolean;
}

/** Runs a command once. */
export async function measure(
  python: string,
  { argv, env = {}, cwd, awaits = "-", says = false }: Command,
): Promise<Measured> {
  const script = join(import.meta.dirname, "measure.py");
  const ended = await run(python, [script, says ? "says" : awaits, ...argv], {
    env,
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (ended.status !== 0) throw new Error(`the measurement failed: ${ended.stderr}`);
  const measured = JSON.parse(ended.stdout) as Measured & { status: number; stderr: string };
  if (measured.status !== 0 || (awaits !== "-" && measured.outputs === null)) {
    throw new Error(`"${argv.join(" ")}" ended with ${measured.status}: ${measured.stderr}`);
  }
  return measured;
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}
