import { shellTask, t, task, workflow } from "@flyte-ts/core";

/** A value is one word for the shell, whatever is in it. */
export const wordCount = shellTask({
  name: "word-count",
  inputs: { text: t.string },
  outputs: { words: t.int },
  script: `printf %s {{ .inputs.text }} | wc -w > {{ .outputs.words }}`,
});

export const verdict = task({
  name: "verdict",
  inputs: { words: t.int },
  output: t.string,
  run: ({ words }) => (words > 5 ? `${words} words are too many` : `${words} words will do`),
});

export const review = workflow({
  name: "review",
  inputs: { text: t.string },
  build: ({ text }) => verdict({ words: wordCount({ text }).words }),
});
