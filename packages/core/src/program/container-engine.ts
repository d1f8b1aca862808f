import { FlyteError } from "../errors/flyte-error.ts";
import { uniqueName } from "../storage/unique-name.ts";
import { runProcess } from "./run-process.ts";

/** The variable that names the program that runs containers here, in the place of docker and podman. */
const containerEngineVariable = "FLYTE_TS_CONTAINER_ENGINE";

/** A container to run here. */
export interface ContainerRun {
  /** The task's name, for messages. */
  readonly task: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Local folders, and where they stand in the container. */
  readonly mounts: readonly { readonly from: string; readonly to: string; readonly readOnly: boolean }[];
  readonly signal: AbortSignal;
}

/**
 * The program that runs containers here: the first of docker and podman whose daemon answers.
 * @throws FlyteError `Unsupported` that says what was tried.
 */
async function containerEngine(task: string, signal: AbortSignal): Promise<string> {
  const chosen = process.env[containerEngineVariable];
  const candidates = chosen === undefined || chosen === "" ? ["docker", "podman"] : [chosen];
  const answers: string[] = [];
  for (const program of candidates) {
    try {
      const { exitCode, tail } = await runProcess(program, ["version"], { signal, shown: false });
      if (exitCode === 0) return program;
      answers.push(`${program}: ${tail.split("\n").at(-1) || `exit code ${exitCode}`}`);
    } catch (error) {
      signal.throwIfAborted();
      answers.push(`${program}: ${FlyteError.is(error) && error.code === "NotFound" ? "not installed" : `${error}`}`);
    }
  }
  throw new FlyteError(
    "Unsupported",
    `task ${task} runs in an image of its own, and nothing here runs containers (${answers.join("; ")}); start docker or podman, or name another program in ${containerEngineVariable}`,
  );
}

/**
 * Runs a container to its end.
 * @throws FlyteError `TaskFailed` when it ends with another exit code than 0; `Unsupported` where nothing runs
 * containers.
 */
export async function runContainer({ task, image, command, env, mounts, signal }: ContainerRun): Promise<void> {
  const engine = await containerEngine(task, signal);
  const name = `flyte-ts-${uniqueName()}`;
  const volumes = mounts.flatMap(({ from, to, readOnly }) => ["--volume", `${from}:${to}${readOnly ? ":ro" : ""}`]);
  const variables = Object.keys(env).flatMap((key) => ["--env", key]);
  const args = ["run", "--rm", "--name", name, ...volumes, ...variables, ...entryOf(command), image];
  const after = command.slice(1);
  try {
    const options = { env: { ...process.env, ...env }, signal, shown: true };
    const { exitCode, tail } = await runProcess(engine, [...args, ...after], options);
    if (exitCode === 0) return;
    const said = tail === "" ? "" : `: ${tail}`;
    throw new FlyteError("TaskFailed", `task ${task}: the container ended with exit code ${exitCode}${said}`);
  } finally {
    // Stopping the client does not stop the container.
    if (signal.aborted) {
      const options = { signal: new AbortController().signal, shown: false };
      await runProcess(engine, ["rm", "--force", name], options).catch(() => {});
    }
  }
}

/** A container's `command` takes the place of the image's entrypoint, as in Kubernetes. */
const entryOf = ([program]: readonly string[]): readonly string[] =>
  program === undefined ? [] : ["--entrypoint", program];
