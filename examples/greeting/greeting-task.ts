import { FlyteError, type Types, t } from "@flyte-ts/core";
import { TemplateTask } from "@flyte-ts/core/plugin";

/** What a greeting says: `{name}` stands for the input `name`. */
export interface GreetingOptions<Inputs extends Types> {
  readonly name: string;
  readonly inputs: Inputs;
  readonly text: string;
}

/**
 * A task type of one's own: it is serialised whole, with `text` in its `custom`, and runs in the image that is shipped with
 * its executor. Nothing of the author's code is needed there.
 */
export class GreetingTask<Inputs extends Types> extends TemplateTask<Inputs, { o0: typeof t.string }, string> {
  readonly text: string;

  constructor({ name, inputs, text }: GreetingOptions<Inputs>) {
    for (const [, input = ""] of text.matchAll(/\{(\w+)\}/g)) {
      if (!(input in inputs)) throw new FlyteError("InvalidDefinition", `task ${name}: there is no input "${input}"`);
    }
    super(
      "greeting",
      { name, inputs, outputs: { o0: t.string }, unwrapped: true },
      // The package makes the image's name; `packageInfo(import.meta.url)` reads it in a package of one's own.
      { package: { name: "greeting", version: "1.0.0" }, manifest: () => import("./plugin.ts") },
    );
    this.text = text;
  }

  override custom(): { text: string } {
    return { text: this.text };
  }
}
