import type { Command, Measured } from "./measure.ts";

/** One line of the table: a figure of ours beside the peer's. */
export interface Figure {
  readonly name: string;
  readonly of: (measured: Measured) => number;
  readonly unit: "s" | "ms" | "MB";
  /** What is hoped for, as peer/ours. */
  readonly aim?: string;
}

/** Something that both do. */
export interface BenchCase {
  readonly name: string;
  readonly figures: readonly Figure[];
  /** Makes what is needed in a folder of its own, and gives the commands, each made anew for every turn. */
  prepare(
    folder: string,
  ): Promise<{ readonly ours: Turn; readonly peer: Turn; readonly others?: Readonly<Record<string, Turn>> }>;
}

/** Makes the command of one turn; the folder is new and empty. */
export type Turn = (folder: string) => Command;

/** Wall seconds. */
export const wall: Figure = { name: "wall", of: (measured) => measured.wall, unit: "s" };
/** Seconds of processor time. */
export const cpu: Figure = { name: "cpu", of: (measured) => measured.cpu, unit: "s" };
/** Peak memory. */
export const peak: Figure = { name: "peak memory", of: (measured) => measured.peak / 2 ** 20, unit: "MB" };
