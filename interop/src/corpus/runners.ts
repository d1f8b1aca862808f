/** Tasks of every kind, with all that they may say about how they are run. */
import { accelerators, containerTask, shellTask, t, task, workflow } from "@flyte-ts/core";
import { sqlite3Task } from "@flyte-ts/sqlite3";
import { add } from "./parts.ts";

const query = sqlite3Task({
  name: "corpus.runners.query",
  config: { uri: "s3://flyte/music.zip", compressed: true },
  inputs: { limit: t.int },
  query: "select id, name from tracks limit {{ .inputs.limit }}",
  columns: { id: t.int, name: t.string },
});
const count = task({
  name: "corpus.runners.count",
  inputs: { rows: query.outputs.results },
  output: t.int,
  run: () => 0,
});
export const template = workflow({
  name: "corpus.runners.template",
  inputs: { limit: t.int },
  build: ({ limit }) => count({ rows: query({ limit }).results }),
});

const script = shellTask({
  name: "corpus.runners.script",
  inputs: { name: t.string, file: t.file("txt") },
  outputs: { copy: t.file("txt"), size: t.int },
  script: "cp {{ .inputs.file }} {{ .outputs.copy }}; echo {{ .inputs.name }} | wc -c > {{ .outputs.size }}",
});
export const shell = workflow({
  name: "corpus.runners.shell",
  inputs: { name: t.string, file: t.file("txt") },
  build: ({ name, file }) => add({ a: script({ name, file }).size }),
});

const raw = containerTask({
  name: "corpus.runners.raw",
  image: "busybox:1",
  command: ["sh", "-c"],
  args: ["test {{.inputs.n}} -gt 0"],
  inputs: { n: t.int },
  copilot: false,
});
const copied = containerTask({
  name: "corpus.runners.copied",
  image: "busybox:1",
  command: ["sh", "-c", "cp /in/file /out/copy; echo {{.inputs.n}} > /out/n"],
  inputs: { n: t.int, file: t.file() },
  outputs: { copy: t.file(), n: t.int },
  inputPath: "/in",
  outputPath: "/out",
  environment: { MODE: "x" },
  resources: { limits: { cpu: "1", memory: "64Mi" } },
});
export const containers = workflow({
  name: "corpus.runners.containers",
  inputs: { n: t.int, file: t.file() },
  build: ({ n, file }) => {
    raw({ n });
    return copied({ n, file }).withOverrides({ containerImage: "busybox:2", timeout: 1000 });
  },
});

const inputs = { n: t.int };
const output = t.int;
const run = ({ n }: { readonly n: number }): number => n;

const heavy = task({
  name: "corpus.runners.heavy",
  inputs,
  output,
  resources: {
    requests: { cpu: "500m", memory: "1Gi", ephemeralStorage: "1Gi", gpu: 1 },
    limits: { cpu: "2", memory: "2Gi", ephemeralStorage: "2Gi", gpu: 1 },
  },
  accelerator: accelerators.A100.of("1g.5gb"),
  sharedMemory: true,
  run,
});
const light = task({
  name: "corpus.runners.light",
  inputs,
  output,
  resources: { requests: { cpu: 0.1 } },
  accelerator: accelerators.T4,
  sharedMemory: "64Mi",
  run,
});
export const resources = workflow({
  name: "corpus.runners.resources",
  inputs,
  build: ({ n }) => heavy({ n: light({ n }) }),
});

const patient = task({
  name: "corpus.runners.patient",
  inputs,
  output,
  retries: 5,
  timeout: 90_500,
  interruptible: true,
  cache: { version: "v", serialize: true, ignoredInputs: ["n"] },
  deprecated: "use another",
  deck: true,
  tags: { kind: "corpus" },
  run,
});
export const metadata = workflow({
  name: "corpus.runners.metadata",
  inputs,
  build: ({ n }) => patient({ n }),
});

const secretive = task({
  name: "corpus.runners.secretive",
  inputs,
  output,
  secrets: [
    { group: "g", key: "k", mount: "env", envVar: "TOKEN" },
    { group: "g", key: "f", version: "2" },
    { key: "any", mount: "any" },
  ],
  environment: { A: "", B: "{{ .x }}" },
  run,
});
const podded = task({
  name: "corpus.runners.podded",
  inputs,
  output,
  labels: { team: "corpus" },
  annotations: { "example.com/a": "b" },
  podTemplateName: "of-the-cluster",
  podTemplate: {
    primaryContainerName: "main",
    labels: { pod: "x" },
    spec: {
      containers: [
        { name: "main", volumeMounts: [{ name: "v", mountPath: "/v" }] },
        { name: "side-car", image: "busybox:1", command: ["true"] },
      ],
      volumes: [{ name: "v", emptyDir: {} }],
      tolerations: [{ key: "k", operator: "Exists" }],
    },
  },
  resources: { requests: { cpu: "1" } },
  run,
});
export const pods = workflow({
  name: "corpus.runners.pods",
  inputs,
  build: ({ n }) => podded({ n: secretive({ n }) }),
});
