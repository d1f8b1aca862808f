import { FlyteError } from "../errors/flyte-error.ts";

const marker: unique symbol = Symbol.for("flyte-ts.secret");
const shown = "[secret]";

/**
 * A text that must not leave the process. It prints as `[secret]`, and refuses to be serialised: JSON that holds one is
 * an error, not a leak. `reveal` is the one way to its text.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for a secret, of whichever copy of this package. */
  static is(value: unknown): value is Secret {
    return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[marker] === true;
  }

  /** The text; hand it to the vendor's client and to nothing else. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return shown;
  }

  /** @throws FlyteError `InvalidDefinition`: secrets are not serialised. */
  toJSON(): never {
    throw new FlyteError("InvalidDefinition", "a secret is not serialised: keep its name, and ask for it again");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return shown;
  }
}
