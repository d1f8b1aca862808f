/** Tasks of other kinds than a function, and calls that say otherwise than their tasks. */
import { containerTask, FlyteError, shellTask, t, task, workflow } from "@flyte-ts/core";

/** A shell script in our own image: values of every kind in, files and simple values out. */
const summarise = shellTask({
  name: "interop.shell",
  inputs: { name: t.string, count: t.int, parts: t.list(t.string) },
  outputs: { report: t.file("md"), size: t.int, said: t.string },
  locations: { report: "{{ .inputs.count }}.md" },
  environment: { GREETING: "hello" },
  script: `
    printf '# %s\\n' {{ .inputs.name }} > {{ .outputs.report }}
    echo "$GREETING {{ .inputs.name }}: {{ .inputs.parts }}" > {{ .outputs.said }}
    echo $(( {{ .inputs.count }} * 2 )) > {{ .outputs.size }}
  `,
});

/** Any image, without files: its inputs are its arguments. A cluster whose images are given says which one it has. */
const checks = containerTask({
  name: "interop.raw-container",
  image: process.env.FLYTE_TS_E2E_IMAGE ?? "busybox:1",
  command: ["sh", "-c", 'test "$1" = "$2"', "sh"],
  args: ["{{.inputs.size}}", "{{.inputs.twice}}"],
  inputs: { size: t.int, twice: t.int },
  copilot: false,
});

/** Fails as often as it is told to, and gives the number of the attempt that did not. */
const tries = task({
  name: "interop.tries",
  inputs: { times: t.int },
  output: t.int,
  labels: { team: "interop" },
  annotations: { "example.com/note": "from a task" },
  tags: { kind: "fixture" },
  description: "Fails a few times.",
  docs: { text: "It fails **recoverably**.", format: "markdown", source: "https://example.com/tries.ts" },
  podTemplate: { labels: { pod: "ours" }, spec: { tolerations: [{ key: "never", operator: "Exists" }] } },
  run: ({ times }, { execution: { attempt } }) => {
    if (attempt < times) throw new FlyteError("Recoverable", `not on attempt ${attempt}`);
    return attempt;
  },
});

export const containers = workflow({
  name: "interop.containers",
  inputs: { name: t.string },
  build: ({ name }) => {
    const { report, size, said } = summarise({ name, count: 21, parts: ["a b", name] }).outputs;
    return { report, size, said };
  },
});

export const rawContainer = workflow({
  name: "interop.raw",
  inputs: { size: t.int },
  build: ({ size }) => {
    const checked = checks({ size, twice: 42 }).withOverrides({ nodeName: "check", timeout: 120_000 });
    const after = tries({ times: 0 });
    checked.runsBefore(after);
    return after;
  },
});

export const overridden = workflow({
  name: "interop.overridden",
  inputs: { times: t.int },
  build: ({ times }) =>
    tries({ times }).withOverrides({
      nodeName: "retried",
      name: "shown",
      retries: 2,
      timeout: 120_000,
      interruptible: false,
      requests: { cpu: "100m", memory: "64Mi" },
      limits: { cpu: "1", memory: "256Mi" },
      aliases: { o0: "attempt" },
    }),
});
