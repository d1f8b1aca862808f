import { type ChildProcess, spawn } from "node:child_process";
import { run } from "../python.ts";

/** A folder of this machine that a container sees. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly?: boolean;
}

/** How to start a container. Its root file system is read-only; `/tmp` and the writable mounts are all it can write. */
export interface ContainerOptions {
  readonly image: string;
  /** What follows the image's entrypoint, as a pod's `args`. */
  readonly args: readonly string[];
  /** Replaces the image's entrypoint, as a pod's `command`. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly mounts?: readonly Mount[];
}

/** How a container ended. */
export interface ContainerEnd {
  /** The exit code that the container's first process gave. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A container that runs. */
export interface Container {
  /** Resolves when the container has ended. */
  readonly ended: Promise<ContainerEnd>;
  /** Resolves when its output holds `text`; rejects when it ends without. */
  said(text: string): Promise<void>;
  /** Sends a signal to its first process. */
  kill(signal: "TERM" | "KILL"): Promise<void>;
}

/** Starts containers of images that a builder has made. */
export interface ContainerHost {
  start(options: ContainerOptions): Promise<Container>;
  /** What the image declares: its user, entrypoint and environment. */
  inspect(image: string): Promise<ImageConfig>;
}

/** The fields of an OCI image's configuration that are read here. */
export interface ImageConfig {
  readonly User?: string;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
}

/** Watches a container's process. */
export function watch(child: ChildProcess, kill: Container["kill"], cleanUp: () => Promise<void>): Container {
  let stdout = "";
  let stderr = "";
  const waiting: (() => void)[] = [];
  const notice = (): void => {
    for (const look of waiting) look();
  };
  child.stdout?.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    notice();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
    notice();
  });
  const ended = new Promise<ContainerEnd>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => {
      cleanUp().then(() => resolve({ status, stdout, stderr }), reject);
    });
  });
  return {
    ended,
    kill,
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (`${stdout}${stderr}`.includes(text)) resolve();
        };
        waiting.push(look);
        look();
        ended.then(() => reject(new Error(`the container ended without "${text}":\n${stdout}${stderr}`)), reject);
      }),
  };
}

/** Containers of docker and podman. They share this machine's network, as those of buildah do: emulators are reached. */
export function engineHost(engine: "docker" | "podman"): ContainerHost {
  return {
    async start({ image, args, command, env = {}, mounts = [] }) {
      const name = `flyte-ts-${crypto.randomUUID()}`;
      const [entrypoint, ...more] = command ?? [];
      const flags = [
        ...["run", "--rm", "--name", name, "--network", "host", "--read-only", "--tmpfs", "/tmp:exec,mode=1777"],
        ...(entrypoint === undefined ? [] : ["--entrypoint", entrypoint]),
        ...Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
        ...mounts.flatMap((mount) => ["--volume", `${mount.source}:${mount.target}${mount.readOnly ? ":ro" : ""}`]),
      ];
      const child = spawn(engine, [...flags, image, ...more, ...args], { stdio: ["ignore", "pipe", "pipe"] });
      const kill = async (signal: string): Promise<void> => {
        await output(engine, ["kill", "--signal", signal, name]);
      };
      return watch(child, kill, async () => {});
    },
    async inspect(image) {
      return JSON.parse(
        await output(engine, ["image", "inspect", "--format", "{{json .Config}}", image]),
      ) as ImageConfig;
    },
  };
}

/** What a program prints. @throws Error with what it said when it fails. */
export async function output(program: string, args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(program, args);
  if (status === 0) return stdout;
  throw new Error(`"${[program, ...args].join(" ")}" ends with ${status}: ${stderr.trim()}`);
}
