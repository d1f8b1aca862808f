import { styleText } from "node:util";
import type { NodeEvent } from "@flyte-ts/core/plugin";

/** A terminal to draw on. */
export interface ProgressTerminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** What progress is drawn with. */
export interface ProgressOptions {
  readonly terminal: ProgressTerminal;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Calls back every so many milliseconds, until it is told to stop. */
  readonly every?: (ms: number, callback: () => void) => () => void;
}

interface NodeState {
  readonly entity: string;
  readonly started: number;
  phase: NodeEvent["phase"];
  ended?: number;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMs = 100;

/** How many lines of nodes are drawn at most; those that run come first. */
const maxLines = 12;

/**
 * Shows the nodes of a run on a terminal, in place: each with its time, a turning sign while it runs. On anything but a
 * terminal it says nothing.
 */
export class Progress {
  readonly #terminal: ProgressTerminal;
  readonly #now: () => number;
  readonly #nodes = new Map<string, NodeState>();
  readonly #stop: () => void;
  #drawn = 0;
  #frame = 0;
  #ended = false;
  #held = 0;

  constructor({ terminal, now = Date.now, every = interval }: ProgressOptions) {
    this.#terminal = terminal;
    this.#now = now;
    this.#stop = terminal.isTTY
      ? every(frameMs, () => {
          this.#frame += 1;
          this.draw();
        })
      : () => {};
  }

  /** Takes what happened to a node. */
  event({ id, entity, phase }: NodeEvent): void {
    if (!this.#terminal.isTTY || this.#ended) return;
    const known = this.#nodes.get(id);
    if (known === undefined) this.#nodes.set(id, { entity, started: this.#now(), phase });
    else Object.assign(known, { phase, ended: this.#now() });
    this.draw();
  }

  /** Takes the lines away, so that something else can be written. */
  clear(): void {
    if (this.#drawn > 0) this.#terminal.write(`\x1b[${this.#drawn}A\x1b[J`);
    this.#drawn = 0;
  }

  /**
   * Draws nothing below what stands there now, so that somebody can be asked.
   * @returns what lets it draw again.
   */
  hold(): () => void {
    this.draw();
    this.#drawn = 0;
    this.#held += 1;
    return () => {
      this.#held -= 1;
    };
  }

  /** Draws the lines anew. */
  draw(): void {
    if (!this.#terminal.isTTY || this.#ended || this.#held > 0) return;
    const lines = this.#lines();
    const up = this.#drawn > 0 ? `\x1b[${this.#drawn}A` : "";
    this.#terminal.write(`${up}\x1b[J${lines.map((line) => `${line}\n`).join("")}`);
    this.#drawn = lines.length;
  }

  /** Leaves the lines as they are, and stops; nothing is drawn any more. */
  end(): void {
    this.#stop();
    if (this.#nodes.size > 0) this.draw();
    this.#nodes.clear();
    this.#drawn = 0;
    this.#ended = true;
  }

  #lines(): string[] {
    const nodes = [...this.#nodes];
    const shown =
      nodes.length <= maxLines
        ? nodes
        : nodes.filter(([, { phase }]) => phase !== "succeeded" && phase !== "skipped").slice(0, maxLines);
    const hidden = nodes.length - shown.length;
    const width = Math.max(...shown.map(([id]) => id.length), 0);
    const lines = shown.map(([id, node]) => this.#line(id.padEnd(width), node));
    return hidden === 0 ? lines : [`  ${hidden} more done`, ...lines];
  }

  #line(id: string, { entity, started, ended, phase }: NodeState): string {
    const seconds = (((ended ?? this.#now()) - started) / 1000).toFixed(1);
    const [sign, color] = {
      running: [frames[this.#frame % frames.length] ?? "·", "cyan"],
      succeeded: ["✓", "green"],
      failed: ["✗", "red"],
      skipped: ["–", "dim"],
    }[phase] as [string, "cyan" | "green" | "red" | "dim"];
    const name = id.trim() === entity ? entity : `${id} ${entity}`;
    const room = (this.#terminal.columns || 80) - 12;
    const short = name.length > room ? `${name.slice(0, Math.max(1, room - 1))}…` : name;
    return `${styleText(color, sign)} ${short}  ${styleText("dim", phase === "skipped" ? phase : `${seconds}s`)}`;
  }
}

function interval(ms: number, callback: () => void): () => void {
  const timer = setInterval(callback, ms);
  timer.unref();
  return () => clearInterval(timer);
}
