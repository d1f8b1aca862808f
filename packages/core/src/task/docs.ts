/** What Flyte's console shows about an entity besides its one line. */
export interface Docs {
  /** The whole text. */
  readonly text?: string;
  /** The address of the text, in the place of the text itself. */
  readonly url?: string;
  /** What the text is written in; `rst` by default, as flytekit's. */
  readonly format?: "markdown" | "html" | "rst" | "plain";
  /** The address of an icon. */
  readonly icon?: string;
  /** The address of the source code. */
  readonly source?: string;
  readonly tags?: readonly string[];
}
