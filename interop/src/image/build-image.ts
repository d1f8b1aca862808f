import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { buildImages } from "../../../scripts/images/build.ts";
import { type Builder, findBuilder } from "../../../scripts/images/builder.ts";
import { bundleHost } from "./bundle.ts";
import { type ContainerHost, engineHost, output } from "./container.ts";

/** Names a program that makes the base image, with its builder, where no registry of images can be reached. */
const baseImageVariable = "FLYTE_TS_BASE_IMAGE";

const root = join(import.meta.dirname, "../../..");

/** An image that was built for a test. */
export interface TestImage {
  readonly image: string;
  /** As the builder states it: unpacked, the base included. */
  readonly size: string;
  readonly builder: Builder;
  readonly host: ContainerHost;
}

/**
 * Builds a plugin's image from the packed packages, with whichever builder answers.
 * @param scratch a folder for the build's context
 * @throws Error when nothing here can build images
 */
export async function buildTestImage(name: string, scratch: string): Promise<TestImage> {
  const [built] = await buildTestImages([name], scratch);
  if (built === undefined) throw new Error(`${name} was not built`);
  return built;
}

/** Builds the images of several plugins, what they start from only once; in the order of their names here. */
export async function buildTestImages(names: readonly string[], scratch: string): Promise<readonly TestImage[]> {
  const base = process.env[baseImageVariable] ?? join(root, "../shared/tools/base-image");
  if (existsSync(base)) await output(base, []);
  const builder = await findBuilder();
  await mkdir(scratch, { recursive: true });
  const registry = "localhost/flyte-ts-interop";
  const built = await buildImages({ root, scratch, names, registry, report: () => {} });
  const host = builder.name === "buildah" ? bundleHost() : engineHost(builder.name);
  return names.flatMap((name) => {
    const found = built.find(({ plan }) => plan.name === name);
    return found === undefined ? [] : [{ image: found.plan.image, size: found.size, builder, host }];
  });
}
