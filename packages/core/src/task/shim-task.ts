import type { TaskContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { toLiterals, toNatives } from "../types/conversion.ts";
import type { AnyType } from "../types/type-transformer.ts";
import type { LiteralMap, LiteralType, TaskTemplate } from "../wire/messages.ts";
import type { ExecutableTask } from "./executable-task.ts";
import { outputsByName } from "./run-outputs.ts";
import type { ShimTaskExecutor } from "./shim-task-executor.ts";

/** A task that exists as its template alone, together with the executor that runs it. */
export class ShimTask implements ExecutableTask {
  readonly template: TaskTemplate;
  readonly #executor: ShimTaskExecutor;

  constructor(template: TaskTemplate, executor: ShimTaskExecutor) {
    this.template = template;
    this.#executor = executor;
  }

  get name(): string {
    return this.template.id?.name ?? "";
  }

  get taskType(): string {
    return this.template.type;
  }

  get outputTypes(): Readonly<Record<string, LiteralType>> {
    const variables = Object.entries(this.template.interface?.outputs?.variables ?? {});
    return Object.fromEntries(variables.flatMap(([name, { type }]) => (type === undefined ? [] : [[name, type]])));
  }

  get generatesDeck(): boolean {
    return this.template.metadata?.generatesDeck ?? false;
  }

  async dispatchExecute(context: TaskContext, literals: LiteralMap): Promise<LiteralMap> {
    const { inputs, outputs } = this.template.interface ?? {};
    const inputTypes = guessed(inputs?.variables ?? {}, context);
    const outputTypes = guessed(outputs?.variables ?? {}, context);
    const natives = await toNatives(literals.literals, inputTypes, context);
    const returned = await this.#execute(natives, context);
    return toLiterals(outputsByName(this.name, returned, outputTypes, false), outputTypes, context);
  }

  /** What is no `FlyteError` is taken for the platform's fault, so that another attempt is made. */
  async #execute(natives: Readonly<Record<string, unknown>>, context: TaskContext): Promise<unknown> {
    try {
      return await this.#executor.executeFromModel(this.template, natives, context);
    } catch (error) {
      throw FlyteError.from(error, "Internal");
    }
  }
}

function guessed(
  variables: Readonly<Record<string, { readonly type?: LiteralType | undefined }>>,
  { types }: TaskContext,
): Record<string, AnyType> {
  const entries = Object.entries(variables).map(([name, { type }]) => {
    if (type === undefined) throw new FlyteError("InvalidInput", `the template's variable "${name}" has no type`);
    return [name, types.guess(type)] as const;
  });
  return Object.fromEntries(entries);
}
