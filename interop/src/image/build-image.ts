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
  const base = process.env[baseImageVariable] ?? join(root, "../shared/tools/base-image");
  if (existsSync(base)) await output(base, []);
  const builder = await findBuilder();
  await mkdir(scratch, { recursive: true });
  const registry = "localhost/flyte-ts-interop";
  const built = await buildImages({ root, scratch, names: [name], registry, report: () => {} });
  const found = built.find(({ plan }) => plan.name === name);
  if (found === undefined) throw new Error(`${name} was not built`);
  const host = builder.name === "buildah" ? bundleHost() : engineHost(builder.name);
  return { image: found.plan.image, size: found.size, builder, host };
}
