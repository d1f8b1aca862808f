/** Gates: for people's yes, for their values, and for time. */
import { approve, sleep, t, waitForInput, workflow } from "@flyte-ts/core";
import { add, note, one, shout, split } from "./parts.ts";

export const approved = workflow({
  name: "corpus.waiting.approved",
  inputs: { text: t.string },
  build: ({ text }) => {
    const { first, rest } = split({ text });
    return { loud: shout({ text: approve(first, "loud") }), rest: approve(rest, "rest", { timeout: 5000 }) };
  },
});

export const twiceApproved = workflow({
  name: "corpus.waiting.twice-approved",
  build: () => add({ a: approve(approve(one(), "first"), "second") }),
});

export const given = workflow({
  name: "corpus.waiting.given",
  build: () => ({
    n: waitForInput("n", t.int),
    text: waitForInput("text", t.string, { timeout: 60_000 }),
    yes: waitForInput("yes", t.boolean),
    when: waitForInput("when", t.datetime),
    list: waitForInput("list", t.list(t.float)),
    color: waitForInput("color", t.enum(["red", "blue"])),
    perhaps: waitForInput("perhaps", t.optional(t.int)),
    point: waitForInput("point", t.object({ x: t.int }, "Point")),
  }),
});

export const slept = workflow({
  name: "corpus.waiting.slept",
  inputs: { n: t.int },
  build: ({ n }) => {
    const first = add({ a: n });
    const pause = sleep(90 * 60_000);
    const last = add({ a: n, b: 2 });
    first.runsBefore(pause, last);
    pause.runsBefore(last);
    sleep(1500);
    return last;
  },
});

export const asked = workflow({
  name: "corpus.waiting.asked",
  build: () => {
    const text = waitForInput("what", t.string);
    const passed = approve(text, "really");
    passed.runsBefore(note({ text: "it was approved" }));
    return shout({ text: passed });
  },
});
