import { t, task, workflow } from "@flyte-ts/core";
import { GreetingTask } from "./greeting-task.ts";

export const hello = new GreetingTask({
  name: "hello",
  inputs: { who: t.string, times: t.int },
  text: "Hello {who}, for the {times}. time",
});

export const count = task({
  name: "count",
  inputs: { times: t.int },
  output: t.int,
  run: ({ times }) => times + 1,
});

export const welcome = workflow({
  name: "welcome",
  inputs: { who: t.string, times: t.int.default(0) },
  build: ({ who, times }) => hello({ who, times: count({ times }) }),
});
