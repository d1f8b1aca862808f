import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { Progress } from "../src/running/progress.ts";

class Terminal {
  readonly columns = 60;
  readonly isTTY: boolean;
  text = "";
  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }
  write(text: string): void {
    this.text += text;
  }
  /** What stands on it: a drawing begins by going up and clearing what was drawn before. */
  get shown(): string {
    return stripVTControlCharacters(this.text.slice(this.text.lastIndexOf("\x1b[J")));
  }
}

class Ticks {
  now = 0;
  tick: () => void = () => {};
  stopped = false;
  readonly options = {
    now: () => this.now,
    every: (_ms: number, callback: () => void) => {
      this.tick = callback;
      return () => {
        this.stopped = true;
      };
    },
  };
}

test("nodes are shown in place, each with its time, until the end", () => {
  const terminal = new Terminal(true);
  const ticks = new Ticks();
  const progress = new Progress({ terminal, ...ticks.options });
  progress.event({ id: "n0", entity: "numbers", phase: "running" });
  ticks.now = 1200;
  ticks.tick();
  expect(terminal.shown).toBe("⠙ n0 numbers  1.2s\n");
  progress.event({ id: "n0", entity: "numbers", phase: "succeeded" });
  progress.event({ id: "n1", entity: "total", phase: "running" });
  ticks.now = 3000;
  progress.event({ id: "n1", entity: "total", phase: "failed" });
  progress.end();
  expect(terminal.shown).toBe("✓ n0 numbers  1.2s\n✗ n1 total  1.8s\n");
  expect(ticks.stopped).toBe(true);
});

test("of many nodes those that are done make room", () => {
  const terminal = new Terminal(true);
  const progress = new Progress({ terminal, ...new Ticks().options });
  for (let at = 0; at < 20; at += 1) {
    progress.event({ id: `n${at}`, entity: "a", phase: "running" });
    if (at < 15) progress.event({ id: `n${at}`, entity: "a", phase: "succeeded" });
  }
  expect(terminal.shown.split("\n")[0]).toBe("  15 more done");
  expect(terminal.shown.trimEnd().split("\n")).toHaveLength(6);
});

test("a way that is not taken is said to be skipped", () => {
  const terminal = new Terminal(true);
  const progress = new Progress({ terminal, ...new Ticks().options });
  progress.event({ id: "n0-n1", entity: "square", phase: "skipped" });
  expect(terminal.shown).toBe("– n0-n1 square  skipped\n");
});

test("a long name is cut to the terminal's width", () => {
  const terminal = new Terminal(true);
  new Progress({ terminal, ...new Ticks().options }).event({ id: "n0", entity: "a".repeat(90), phase: "running" });
  expect(terminal.shown.trimEnd().length).toBeLessThanOrEqual(60);
});

test("a pipe gets nothing", () => {
  const terminal = new Terminal(false);
  const progress = new Progress({ terminal, ...new Ticks().options });
  progress.event({ id: "n0", entity: "numbers", phase: "running" });
  progress.end();
  expect(terminal.text).toBe("");
});
