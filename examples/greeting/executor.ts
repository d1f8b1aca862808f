import { FlyteError, type ShimTaskExecutor, type TaskTemplate } from "@flyte-ts/core/plugin";

/** Runs every greeting from its template alone. */
export class GreetingExecutor implements ShimTaskExecutor {
  async executeFromModel(
    template: TaskTemplate,
    inputs: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>>> {
    const text = template.custom?.text;
    if (typeof text !== "string") throw new FlyteError("InvalidInput", "the template's custom has no text");
    return { o0: text.replace(/\{(\w+)\}/g, (_all, name: string) => String(inputs[name])) };
  }
}
