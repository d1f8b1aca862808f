/**
 * Generates the sources of this package into `src/gen` (ignored by git):
 *
 * - v1: protobuf-es code from the `.proto` files that the npm package `@flyteorg/flyteidl` ships, whole;
 * - v2: the TypeScript sources that `@flyteorg/flyteidl2` ships, those of the areas below with all that they import;
 * - a barrel for each area, which is what the package exports.
 *
 * Does nothing when the inputs (versions, this script, the stubs) are those of the last run.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** v1: barrel → the folder of its `.proto` files below `flyteidl/`. */
const areasV1 = ["core", "admin", "service", "event", "plugins", "datacatalog", "cacheservice", "plugins/kubeflow"];
/** v2: barrel → the generated files below `flyteidl2/` that it exports. */
const areasV2: Record<string, readonly string[]> = {
  core: [
    "artifact_id",
    "catalog",
    "execution",
    "identifier",
    "interface",
    "literals",
    "metrics",
    "security",
    "tasks",
    "types",
  ].map((name) => `core/${name}_pb.ts`),
  task: ["task/common_pb.ts", "task/task_definition_pb.ts", "task/environment_pb.ts", "task/run_pb.ts"],
  connector: ["connector/connector_pb.ts", "connector/service_pb.ts"],
};

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const packageFolder = (name: string): string => {
  let folder = here;
  while (!existsSync(join(folder, "node_modules", name))) {
    if (folder === dirname(folder)) throw new Error(`${name} is not installed: run npm ci`);
    folder = dirname(folder);
  }
  return join(folder, "node_modules", name);
};
const gen = join(here, "src/gen");
const idl1 = packageFolder("@flyteorg/flyteidl");
const idl2 = packageFolder("@flyteorg/flyteidl2");

const fingerprint = (): string => {
  const hash = createHash("sha256");
  const stubs = ["google/api", "protoc-gen-openapiv2/options"].map((path) =>
    join(here, "protos", path, "annotations.proto"),
  );
  const versions = [idl1, idl2, packageFolder("@bufbuild/protoc-gen-es")].map((folder) => join(folder, "package.json"));
  for (const file of [fileURLToPath(import.meta.url), ...stubs, ...versions]) hash.update(readFileSync(file));
  return hash.digest("hex");
};

function generateV1(): void {
  // buf reads nothing outside its working folder, so that is the one that holds node_modules and this package.
  const root = join(idl1, "../../..");
  const buf = require.resolve("@bufbuild/buf/bin/buf");
  const plugin = join(packageFolder("@bufbuild/protoc-gen-es"), "bin/protoc-gen-es");
  const modules = [join(idl1, "protos"), join(here, "protos")];
  const config = {
    version: "v2",
    modules: modules.map((path) => ({ path: relative(root, path) })),
  };
  const template = {
    version: "v2",
    inputs: [
      {
        directory: ".",
        paths: [relative(root, join(idl1, "protos/flyteidl"))],
        exclude_types: [
          "google.api.http",
          "grpc.gateway.protoc_gen_openapiv2.options.openapiv2_operation",
          "grpc.gateway.protoc_gen_openapiv2.options.openapiv2_swagger",
        ],
      },
    ],
    plugins: [{ local: ["node", plugin], out: relative(root, gen), opt: ["target=ts", "import_extension=ts"] }],
  };
  execFileSync(
    process.execPath,
    [buf, "generate", "--config", JSON.stringify(config), "--template", JSON.stringify(template)],
    { cwd: root, stdio: ["ignore", 2, 2] },
  );
}

/** Copies a file of flyteidl2 with all that it imports; their imports end in `.ts` already. */
function copyV2(file: string, done: Set<string>): void {
  if (done.has(file)) return;
  done.add(file);
  const from = join(idl2, file);
  const to = join(gen, "v2", file);
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
  const imports = readFileSync(from, "utf8").matchAll(/ from "(\.[^"]+)";/g);
  for (const [, specifier = ""] of imports) copyV2(join(dirname(file), specifier), done);
}

/**
 * Makes the descriptors of the generated files lazy (see `src/lazy.ts`), v1's and v2's alike.
 * @throws Error when a file has none: the generator's output has changed then.
 */
function makeLazy(): void {
  for (const entry of readdirSync(gen, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith("_pb.ts")) continue;
    const file = join(entry.parentPath, entry.name);
    const source = readFileSync(file, "utf8");
    const lazied = source.replace(
      /= \/\*@__PURE__\*\/\n {2}((?:file|message|enum|service|ext)Desc\(.*\));/g,
      "= /*@__PURE__*/\n  lazy(() => $1);",
    );
    if (lazied === source) throw new Error(`${file} has no descriptor where one is expected`);
    const from = relative(dirname(file), join(here, "src/lazy.ts"));
    writeFileSync(file, `import { lazy } from "${from}";\n${lazied}`);
  }
}

function barrel(file: string, modules: readonly string[]): void {
  const path = join(gen, file);
  mkdirSync(dirname(path), { recursive: true });
  const lines = modules.map((module) => {
    const specifier = relative(dirname(path), join(gen, module));
    return `export * from "${specifier.startsWith(".") ? specifier : `./${specifier}`}";`;
  });
  writeFileSync(path, `${lines.join("\n")}\n`);
}

const stamp = join(gen, ".stamp");
const wanted = fingerprint();
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  rmSync(gen, { recursive: true, force: true });
  generateV1();
  for (const area of areasV1) {
    const files = readdirSync(join(gen, "flyteidl", area))
      .filter((name) => name.endsWith("_pb.ts"))
      .sort();
    barrel(
      `${area}.ts`,
      files.map((name) => `flyteidl/${area}/${name}`),
    );
  }
  const done = new Set<string>();
  for (const [area, files] of Object.entries(areasV2)) {
    for (const file of files) copyV2(`flyteidl2/${file}`, done);
    barrel(
      `v2/${area}.ts`,
      files.map((file) => `v2/flyteidl2/${file}`),
    );
  }
  makeLazy();
  writeFileSync(stamp, wanted);
}
