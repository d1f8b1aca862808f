import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ContainerHost, type ContainerOptions, type ImageConfig, output, watch } from "./container.ts";

/**
 * Containers of buildah's images: each is an OCI bundle of its own, started by the OCI runtime that is installed beside
 * buildah (crun or runc). `buildah run` would do without a process namespace and with a root that can be written, so it
 * would show nothing about signals, reaping and read-only roots.
 */
export function bundleHost(): ContainerHost {
  const inspect = async (image: string): Promise<ImageConfig> => {
    const printed = JSON.parse(await output("buildah", ["inspect", "--type", "image", image])) as BuildahInspection;
    return printed.OCIv1.config;
  };
  return {
    inspect,
    async start(options) {
      const runtime = await ociRuntime();
      const config = await inspect(options.image);
      const working = (await output("buildah", ["from", "--pull-never", options.image])).trim();
      const root = (await output("buildah", ["mount", working])).trim();
      const bundle = await mkdtemp(join(tmpdir(), "flyte-ts-bundle-"));
      await writeFile(join(bundle, "config.json"), JSON.stringify(bundleConfig(root, config, options)));
      const id = `flyte-ts-${crypto.randomUUID()}`;
      const child = spawn("unshare", ["--mount", "sh", "-c", inPlainCgroups, runtime, "run", "--bundle", bundle, id], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      const kill = async (signal: string): Promise<void> => {
        await output("unshare", ["--mount", "sh", "-c", inPlainCgroups, runtime, "kill", id, signal]);
      };
      return watch(child, kill, async () => {
        await output("buildah", ["rm", working]);
        await rm(bundle, { recursive: true, force: true });
      });
    },
  };
}

interface BuildahInspection {
  readonly OCIv1: { readonly config: ImageConfig };
}

/**
 * Runs an OCI runtime where it finds cgroups that it can work with: crun refuses the hybrid hierarchy that older systems
 * mount. In a mount namespace of its own the system's mounts stay as they are.
 */
const inPlainCgroups = `if [ -d /sys/fs/cgroup/unified ]; then umount -R /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup; fi
case "$0" in *crun) exec "$0" --cgroup-manager=disabled "$@";; *) exec "$0" "$@";; esac`;

async function ociRuntime(): Promise<string> {
  for (const name of ["crun", "runc"]) {
    const found = await output("sh", ["-c", `command -v ${name}`]).catch(() => undefined);
    if (found !== undefined) return found.trim();
  }
  throw new Error("buildah builds here, but no OCI runtime starts what it builds: install crun or runc");
}

/** The image's own user, entrypoint and environment; no privileges; a read-only root and a `/tmp` in memory. */
function bundleConfig(root: string, config: ImageConfig, options: ContainerOptions): object {
  const [uid = 0, gid = uid] = (config.User ?? "0").split(":").map(Number);
  const env = { ...Object.fromEntries((config.Env ?? []).map(pair)), ...options.env };
  const tmpfs = (destination: string, mode: string) => ({
    destination,
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "nodev", `mode=${mode}`, "size=256m"],
  });
  return {
    ociVersion: "1.0.2",
    process: {
      user: { uid, gid },
      args: [
        ...(options.command ?? config.Entrypoint ?? []),
        ...(options.args.length > 0 ? options.args : (config.Cmd ?? [])),
      ],
      env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
      cwd: config.WorkingDir === undefined || config.WorkingDir === "" ? "/" : config.WorkingDir,
      noNewPrivileges: true,
      capabilities: { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] },
    },
    root: { path: root, readonly: true },
    hostname: "task",
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      {
        destination: "/dev",
        type: "tmpfs",
        source: "tmpfs",
        options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
      },
      tmpfs("/dev/shm", "1777"),
      tmpfs("/tmp", "1777"),
      ...(options.mounts ?? []).map(({ source, target, readOnly }) => ({
        destination: target,
        type: "bind",
        source,
        options: ["bind", readOnly === true ? "ro" : "rw"],
      })),
    ],
    linux: { namespaces: ["pid", "ipc", "uts", "mount"].map((type) => ({ type })) },
  };
}

function pair(text: string): [string, string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}
