import { conditional, t, task, workflow } from "@flyte-ts/core";

export const coldAdvice = task({
  name: "cold-advice",
  inputs: { degrees: t.float },
  output: t.string,
  run: ({ degrees }) => `${degrees} degrees: take a coat`,
});

export const warmAdvice = task({
  name: "warm-advice",
  inputs: { degrees: t.float },
  output: t.string,
  run: ({ degrees }) => `${degrees} degrees: take water`,
});

/** Only the way that is taken runs. */
export const advice = workflow({
  name: "advice",
  inputs: { degrees: t.float.default(20) },
  build: ({ degrees }) =>
    conditional("weather")
      .if(degrees.lt(10), () => coldAdvice({ degrees }))
      .elif(degrees.lt(45), () => warmAdvice({ degrees }))
      .fail("this is no weather"),
});
