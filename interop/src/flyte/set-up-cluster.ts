import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { packageInfo, pluginImage } from "@flyte-ts/core/plugin";
import type { TestProject } from "vitest/node";
import { installedEmulators } from "../emulators/emulator-tools.ts";
import { pythonVariable } from "../python.ts";
import { preparePython } from "../python-environment.ts";
import { checkout } from "../task-files.ts";
import { Cluster, clusterVariable, defaultCluster } from "./cluster.ts";
import { OwnState } from "./own-state.ts";
import { bakeProject, projectFolder } from "./project.ts";

/** What the tests are told about the cluster that was started for them. */
export interface GivenCluster {
  /** The folder of its commands, and what these have to find in their environment. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** The registry that its images come from, where it has one of its own. */
  readonly registry: string | undefined;
  /** The image of our own tasks; `projectFolder` is in it. */
  readonly image: string;
}

declare module "vitest" {
  interface ProvidedContext {
    cluster: GivenCluster;
  }
}

/** Starts a cluster for the whole suite, whose containers find this checkout's commands, and ends it afterwards. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  process.env[pythonVariable] = await preparePython();
  await installedEmulators("localbq");
  await bakeProject();
  const given = process.env[clusterVariable];
  const named = given === undefined ? undefined : resolve(given);
  const own = named === undefined ? new OwnState(process.env) : undefined;
  await own?.claim();
  const env = {
    FLYTE_V1_PATH: join(checkout, "node_modules/.bin"),
    FLYTE_V1_IMAGES: await imagesFile(),
    FLYTE_TS_E2E_PROJECT: projectFolder,
    ...(own === undefined ? {} : { FLYTE_V1_DIR: own.folder }),
  };
  const cluster = new Cluster(named ?? defaultCluster, { ...process.env, ...env });
  // A signal ends vitest without a teardown.
  const interrupted = (): void => {
    cluster.downNow();
    own?.remove();
  };
  const end = async (): Promise<void> => {
    process.off("exit", interrupted);
    await cluster.down();
    own?.remove();
  };
  if (own !== undefined) await prepare(own, cluster);
  process.once("exit", interrupted);
  try {
    await cluster.up();
    const registry = await said(cluster, `printf %s "$FLYTE_TS_IMAGE_REGISTRY"`);
    const image = `${registry === "" ? "" : `${registry}/`}${projectImage}`;
    project.provide("cluster", {
      folder: cluster.folder,
      env,
      registry: registry === "" ? undefined : registry,
      image,
    });
  } catch (error) {
    await end();
    throw error;
  }
  return end;
}

/** The name of the image of our own tasks. */
const projectImage = "flyte-ts-e2e:1";

/** Ends what an earlier run left behind, and lets the machine's own cluster build what is not built. */
async function prepare(own: OwnState, cluster: Cluster): Promise<void> {
  await cluster.down();
  if (!own.isBuilt) {
    console.error(`e2e: building Flyte into ${own.shared} (once per machine, 10 to 20 minutes)`);
    await cluster.up({ FLYTE_V1_DIR: own.shared });
    await cluster.down({ FLYTE_V1_DIR: own.shared });
  }
  await own.make();
}

/**
 * What stands in for images where containers run as processes: the variables that the images set, and no other image can
 * be pulled. So a template that names a wrong image fails.
 */
async function imagesFile(): Promise<string> {
  const folders = await readdir(join(checkout, "plugins"));
  const plugins = folders.map((name) =>
    packageInfo(pathToFileURL(join(checkout, "plugins", name, "package.json")).href),
  );
  const images = {
    "": { missing: true },
    [projectImage]: { env: { FLYTE_TS_PLUGINS: plugins.map(({ name }) => name).join() } },
    ...Object.fromEntries(plugins.map((plugin) => [pluginImage(plugin), { env: { FLYTE_TS_PLUGINS: plugin.name } }])),
  };
  const file = join(checkout, "interop/.cache/e2e-images.json");
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, JSON.stringify(images));
  return file;
}

/** What a shell prints inside the cluster. */
function said(cluster: Cluster, script: string): Promise<string> {
  return new Promise((done, fail) => {
    const child = cluster.inside("sh", "-c", script);
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    child.stdin.end();
    child.once("error", fail);
    child.once("close", (status) => (status === 0 ? done(text) : fail(new Error(`"in" ends with ${status}`))));
  });
}
