import { dynamic, mapTask, t, task, workflow } from "@flyte-ts/core";

export const letters = task({
  name: "letters",
  inputs: { word: t.string, of: t.string },
  output: t.int,
  run: ({ word, of }) => [...word.toLowerCase()].filter((one) => of.includes(one)).length,
});

/** Which words there are is known only when the text is: a dynamic task makes the graph then. */
export const longWords = dynamic({
  name: "long-words",
  inputs: { words: t.list(t.string), vowels: t.string },
  output: t.list(t.int),
  run: ({ words, vowels }) => words.filter((word) => word.length > 4).map((word) => letters({ word, of: vowels })),
});

/** A map task runs its task once for every element, each in a container of its own. */
const lettersOfEach = mapTask(letters, { bound: ["of"], concurrency: 4 });

export const vowels = workflow({
  name: "vowels",
  inputs: { words: t.list(t.string), vowels: t.string.default("aeiou") },
  build: ({ words, vowels }) => ({
    all: lettersOfEach({ word: words, of: vowels }),
    long: longWords({ words, vowels }),
  }),
});
