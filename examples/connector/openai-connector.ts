import { type CreateContext, FlyteError, type Resource, type SyncConnector } from "@flyte-ts/core/plugin";
import { predict } from "./services.ts";

/** The synchronous connector of Flyte's tutorial: one request, whose answer is the task's output. */
export class OpenAIConnector implements SyncConnector {
  readonly name = "OpenAI Connector";

  async do({ nativeInputs }: CreateContext): Promise<Resource> {
    const { prompt } = await nativeInputs();
    if (typeof prompt !== "string") throw new FlyteError("InvalidInput", "the task has no input prompt");
    return { phase: "SUCCEEDED", outputs: { o0: await predict(prompt) } };
  }
}
