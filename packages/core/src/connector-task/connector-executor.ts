import { type AsyncConnector, type Connector, isSyncConnector } from "../connector/connector.ts";
import type { TaskContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { ShimTaskExecutor } from "../task/shim-task-executor.ts";
import { toLiterals, toNatives } from "../types/conversion.ts";
import type { Types } from "../types/type-transformer.ts";
import type { InterfaceMessage, TaskTemplate } from "../wire/messages.ts";

/**
 * Runs the tasks of a connector in a pod: the executor of a type that ends in `-pod`. It starts the job, waits for it, and
 * deletes it when the pod is told to stop; a pod in the place of one that was killed goes on with its job.
 */
export class ConnectorExecutor implements ShimTaskExecutor {
  readonly #connector: () => Promise<Connector>;

  /** @param connector loads the connector of the type without `-pod`. */
  constructor(connector: () => Promise<Connector>) {
    this.#connector = connector;
  }

  async executeFromModel(
    template: TaskTemplate,
    inputs: Readonly<Record<string, unknown>>,
    context: TaskContext,
  ): Promise<Readonly<Record<string, unknown>>> {
    const [connector, { driveJob, driveSync }] = await Promise.all([this.#connector(), import("./drive-job.ts")]);
    const { interface: declared } = template;
    const literals = await toLiterals(inputs, guessed(declared?.inputs, context), context, "input");
    const request = { template, inputs: literals };
    const outputs = isSyncConnector(connector)
      ? await driveSync(connector, request, context)
      : await driveJob(connector as AsyncConnector, request, context);
    return toNatives(outputs.literals, guessed(declared?.outputs, context), context, "output");
  }
}

function guessed(declared: InterfaceMessage["inputs"] | InterfaceMessage["outputs"], { types }: TaskContext): Types {
  const entries = Object.entries(declared?.variables ?? {}).map(([name, { type }]) => {
    if (type === undefined) throw new FlyteError("InvalidInput", `the template's variable "${name}" has no type`);
    return [name, types.guess(type)] as const;
  });
  return Object.fromEntries(entries);
}
