import { rmSync } from "node:fs";
import { command, lines } from "../check/command.ts";

/** The programs that can build images, in the order of trying. */
export const builderNames = ["docker", "podman", "buildah"] as const;

/** The name of a program that builds images. */
export type BuilderName = (typeof builderNames)[number];

/** What to build. */
export interface BuildOrder {
  /** The image's full name. */
  readonly image: string;
  /** The absolute path of the Dockerfile. */
  readonly dockerfile: string;
  /** The absolute path of the folder that COPY reads. */
  readonly context: string;
  /** Values for the Dockerfile's ARGs. */
  readonly args: Readonly<Record<string, string>>;
}

/** A program that builds images and whose daemon or storage has answered. */
export interface Builder {
  readonly name: BuilderName;
  /** The command line that builds an image. */
  buildCommand(order: BuildOrder): readonly string[];
  /** Builds an image. @throws Error with what the builder said last. */
  build(order: BuildOrder): Promise<void>;
  /**
   * Pushes an image.
   * @param target `registry` for the registry in the image's own name, or `oci-archive:FILE`
   */
  push(image: string, target: string): Promise<void>;
  /** The size of an image as the builder states it: unpacked, its base included. */
  size(image: string): Promise<string>;
}

/** The environment variables that choose and instruct the builder, each with the default of doing nothing. */
export const builderVariables = {
  /** One of the builders; the others are then not tried. */
  builder: "FLYTE_TS_BUILDER",
  /** More arguments for every build, parted by white space. */
  buildArgs: "FLYTE_TS_BUILD_ARGS",
  /** The image that the runtime's starts from, in the place of the one that its Dockerfile names. */
  nodeImage: "FLYTE_TS_NODE_IMAGE",
} as const;

/** An environment: `process.env`, or a test's own. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The first builder that answers, or the one that `FLYTE_TS_BUILDER` names.
 * @throws Error that lists what was tried, and why each was refused.
 */
export async function findBuilder(env: Environment = process.env): Promise<Builder> {
  const wanted = env[builderVariables.builder] ?? "";
  const names = builderNames.filter((name) => wanted === "" || name === wanted);
  if (names.length === 0) {
    throw new Error(`${builderVariables.builder} is "${wanted}"; it can be ${builderNames.join(", ")}`);
  }
  const refusals: string[] = [];
  for (const name of names) {
    const refusal = await refusalOf(name, env);
    if (refusal === undefined) return builder(name, env);
    refusals.push(`  ${name}: ${refusal}`);
  }
  const asked = wanted === "" ? "" : ` (${builderVariables.builder} asks for ${wanted} alone)`;
  throw new Error(`nothing here can build images${asked}. Tried:\n${refusals.join("\n")}`);
}

/** Why a builder cannot be used; undefined when it can. A client without a daemon fails at `info`, and is no builder. */
async function refusalOf(name: BuilderName, env: Environment): Promise<string | undefined> {
  try {
    const { status, output } = await command(name, ["info"], {
      cwd: "/",
      env: surroundings(name, env),
      timeoutMs: 30_000,
    });
    if (status === 0) return undefined;
    return `"${name} info" ends with ${status}: ${lines(output).at(-1) ?? "it says nothing"}`;
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return missing ? "not installed" : String(error);
  }
}

function builder(name: BuilderName, env: Environment): Builder {
  const run = (args: readonly string[]) => checked(name, args, surroundings(name, env));
  const buildCommand = (order: BuildOrder): readonly string[] => [
    name,
    "build",
    ...(name === "docker" ? [] : ["--layers"]),
    ...["--tag", order.image, "--file", order.dockerfile],
    ...Object.entries(order.args).flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]),
    ...certificates(env),
    ...(env[builderVariables.buildArgs] ?? "").split(/\s+/).filter((part) => part !== ""),
    order.context,
  ];
  return {
    name,
    buildCommand,
    async build(order) {
      await run(buildCommand(order).slice(1));
    },
    async push(image, target) {
      await run(pushArguments(name, image, target));
    },
    async size(image) {
      if (name === "buildah") {
        const [found] = JSON.parse(await run(["images", "--json", image])) as readonly { readonly size: string }[];
        return found?.size ?? "unknown";
      }
      const bytes = Number(await run(["image", "inspect", "--format", "{{.Size}}", image]));
      return `${Math.round(bytes / 1e6)} MB`;
    },
  };
}

/**
 * The file of a push target `oci-archive:FILE`; undefined for `registry`.
 * @throws Error for a target of another form
 */
export function archiveFile(target: string): string | undefined {
  const [, file] = /^oci-archive:(.+)$/.exec(target) ?? [];
  if (file === undefined && target !== "registry") {
    throw new Error(`cannot push to "${target}": give registry, or oci-archive:FILE`);
  }
  return file;
}

/** The arguments that push an image: to its own registry, or into an archive, which docker writes with `save`. */
function pushArguments(name: BuilderName, image: string, target: string): readonly string[] {
  const file = archiveFile(target);
  if (file === undefined) return ["push", image];
  if (name === "docker") return ["save", "--output", file, image];
  // The others add to an archive that is there, and refuse one that holds this image.
  rmSync(file, { force: true });
  return ["push", image, target];
}

/**
 * A certificate that Node is told to trust here (`NODE_EXTRA_CA_CERTS`, behind a proxy that opens TLS) is lent to npm
 * in the build as well, as a secret mount: nothing of it stays in the image.
 */
function certificates(env: Environment): readonly string[] {
  const file = env.NODE_EXTRA_CA_CERTS ?? "";
  return file === "" ? [] : ["--secret", `id=extra-ca,src=${file}`];
}

/** What a builder needs in its environment, beside this process's own. */
function surroundings(name: BuilderName, env: Environment): Readonly<Record<string, string>> {
  const path = env.PATH === undefined ? {} : { PATH: env.PATH };
  // The Dockerfiles mount a secret, which docker's older builder does not know.
  if (name === "docker") return { ...path, DOCKER_BUILDKIT: "1" };
  // Buildah's own default starts an OCI runtime for every step, which cannot work inside a container.
  return name === "buildah" ? { ...path, BUILDAH_ISOLATION: env.BUILDAH_ISOLATION ?? "chroot" } : path;
}

async function checked(name: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const { status, stdout, output } = await command(name, args, { cwd: process.cwd(), env, timeoutMs: 900_000 });
  if (status === 0) return stdout;
  throw new Error(`"${[name, ...args].join(" ")}" ends with ${status}:\n${lines(output).slice(-25).join("\n")}`);
}
