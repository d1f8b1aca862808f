/** Tasks with all that a task may say about how it is run, and tasks of other kinds: `python/corpus/tasks.py`. */
import { accelerators, containerTask, shellTask, t, task, workflow } from "@flyte-ts/core";

const inputs = { n: t.int };
const output = t.int;
const run = ({ n }: { readonly n: number }): number => n;

const restless = task({
  name: "corpus.tasks.restless",
  inputs,
  output,
  retries: 3,
  timeout: 90 * 60_000,
  interruptible: true,
  deprecated: "use another",
  deck: true,
  run,
});
const steady = task({ name: "corpus.tasks.steady", inputs, output, interruptible: false, timeout: 7000, run });
export const behaviour = workflow({
  name: "corpus.tasks.behaviour",
  inputs,
  build: ({ n }) => steady({ n: restless({ n }) }),
});

const cachedWhole = task({
  name: "corpus.tasks.cached_whole",
  inputs: { n: t.int, verbose: t.boolean, seed: t.int },
  output,
  cache: { version: "1.0", serialize: true, ignoredInputs: ["verbose", "seed"] },
  run,
});
const cachedPlain = task({ name: "corpus.tasks.cached_plain", inputs, output, cache: "2", run });
export const caches = workflow({
  name: "corpus.tasks.caches",
  inputs,
  build: ({ n }) => cachedPlain({ n: cachedWhole({ n, verbose: true, seed: 1 }) }),
});

const sized = task({
  name: "corpus.tasks.sized",
  inputs,
  output,
  resources: {
    requests: { cpu: "500m", memory: "1Gi", ephemeralStorage: "2Gi" },
    limits: { cpu: "2", memory: "2Gi", gpu: "1", ephemeralStorage: "4Gi" },
  },
  environment: { MODE: "fast", EMPTY: "" },
  image: "ghcr.io/example/other:2",
  run,
});
const asked = task({
  name: "corpus.tasks.asked",
  inputs,
  output,
  resources: { requests: { cpu: 1, memory: "500M" } },
  run,
});
const limited = task({ name: "corpus.tasks.limited", inputs, output, resources: { limits: { gpu: "2" } }, run });
export const resources = workflow({
  name: "corpus.tasks.resources",
  inputs,
  build: ({ n }) => limited({ n: asked({ n: sized({ n }) }) }),
});

const { A100, T4 } = accelerators;
const onT4 = task({ name: "corpus.tasks.on_t4", inputs, output, accelerator: T4, sharedMemory: true, run });
const onPart = task({
  name: "corpus.tasks.on_part",
  inputs,
  output,
  accelerator: A100.of("2g.10gb"),
  sharedMemory: "2Gi",
  run,
});
const onWhole = task({ name: "corpus.tasks.on_whole", inputs, output, accelerator: A100.unpartitioned, run });
const onOwn = task({ name: "corpus.tasks.on_own", inputs, output, accelerator: { device: "our-own" }, run });
export const accelerated = workflow({
  name: "corpus.tasks.accelerated",
  inputs,
  build: ({ n }) => onOwn({ n: onWhole({ n: onPart({ n: onT4({ n }) }) }) }),
});

const trusted = task({
  name: "corpus.tasks.trusted",
  inputs,
  output,
  secrets: [
    { group: "db", key: "password" },
    { group: "db", key: "user", mount: "env", envVar: "DB_USER" },
    { group: "auth", key: "token", version: "v2", mount: "file" },
    { group: "any", key: "thing", mount: "any" },
  ],
  run,
});
export const secrets = workflow({ name: "corpus.tasks.secrets", inputs, build: ({ n }) => trusted({ n }) });

const inPod = task({
  name: "corpus.tasks.in_pod",
  inputs,
  output,
  podTemplate: {
    primaryContainerName: "main",
    labels: { team: "data" },
    annotations: { "example.com/note": "x" },
    spec: {
      containers: [
        {
          name: "main",
          env: [{ name: "OWN", value: "1" }],
          volumeMounts: [{ name: "scratch", mountPath: "/scratch" }],
        },
        { name: "side", image: "busybox:1", args: ["sleep", "1"] },
      ],
      tolerations: [{ key: "gpu", operator: "Exists" }],
      volumes: [{ name: "scratch", emptyDir: {} }],
    },
  },
  environment: { MODE: "pod" },
  resources: { requests: { cpu: "1" }, limits: { memory: "1Gi" } },
  labels: { kind: "task" },
  annotations: { "example.com/task": "y" },
  run,
});
const inPlainPod = task({
  name: "corpus.tasks.in_plain_pod",
  inputs,
  output,
  podTemplate: { spec: { nodeSelector: { disk: "fast" } } },
  podTemplateName: "base",
  run,
});
const inNamedPod = task({ name: "corpus.tasks.in_named_pod", inputs, output, podTemplateName: "base", run });
export const pods = workflow({
  name: "corpus.tasks.pods",
  inputs,
  build: ({ n }) => inNamedPod({ n: inPlainPod({ n: inPod({ n }) }) }),
});

const documentedTask = task({
  name: "corpus.tasks.documented_task",
  inputs,
  output,
  description: "Short.",
  docs: {
    text: "**Long**.",
    format: "markdown",
    icon: "https://example.com/i.png",
    source: "https://example.com/source",
  },
  run,
});
export const docs = workflow({
  name: "corpus.tasks.docs",
  inputs,
  description: "Of the workflow.",
  docs: { url: "https://example.com/docs", format: "html" },
  build: ({ n }) => documentedTask({ n }),
});

const raw = containerTask({
  name: "corpus.tasks.raw",
  image: "busybox:1",
  command: ["sh", "-c", "cp {{.inputs.f}} /out/copy; echo {{.inputs.n}} > /out/count"],
  args: ["--", "{{.inputs.n}}"],
  inputPath: "/in",
  outputPath: "/out",
  inputs: { f: t.file(), n: t.int },
  outputs: { copy: t.file(), count: t.int },
  resources: { requests: { cpu: "100m" } },
  environment: { A: "b" },
  secrets: [{ group: "g", key: "k", mount: "any" }],
});
const spelled = containerTask({
  name: "corpus.tasks.spelled",
  image: "busybox:1",
  command: ["true"],
  inputPath: "/in",
  outputPath: "/out",
  inputs: { folder: t.directory() },
  outputs: { text: t.string },
  inputsFormat: "yaml",
});
const rawPod = containerTask({
  name: "corpus.tasks.raw_pod",
  image: "busybox:1",
  command: ["true"],
  inputPath: "/in",
  outputPath: "/out",
  inputs: { n: t.int },
  podTemplate: { labels: { a: "b" }, spec: { containers: [{ name: "primary", workingDir: "/work" }] } },
});
export const rawContainers = workflow({
  name: "corpus.tasks.raw_containers",
  inputs: { f: t.file(), folder: t.directory() },
  build: ({ f, folder }) => {
    const made = raw({ f, n: 3 });
    spelled({ folder });
    rawPod({ n: made.count });
    return made.copy;
  },
});

const shell = shellTask({
  name: "corpus.tasks.shell",
  script: "cat {{ .inputs.f }} > {{ .outputs.copy }}",
  inputs: { f: t.file(), n: t.int },
  outputs: { copy: t.file() },
  locations: { copy: "copy.txt" },
  resources: { requests: { memory: "64Mi" } },
  environment: { LANG: "C" },
});
export const shells = workflow({
  name: "corpus.tasks.shells",
  inputs: { f: t.file() },
  build: ({ f }) => shell({ f, n: 1 }).copy,
});

const many = task({
  name: "corpus.tasks.many",
  inputs: { ns: t.list(t.int) },
  output: t.list(t.int),
  cache: "9",
  retries: 1,
  run: ({ ns }) => ns,
});
export const repeated = workflow({
  name: "corpus.tasks.repeated",
  inputs: { ns: t.list(t.int) },
  build: ({ ns }) => {
    let last = many({ ns });
    for (let times = 1; times < 12; times++) last = many({ ns: last });
    return last;
  },
});
