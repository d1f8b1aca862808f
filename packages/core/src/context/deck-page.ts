import type { Deck } from "./task-context.ts";

/** Collects a task's deck, and makes one page of its parts. */
export class DeckPage implements Deck {
  readonly #parts = new Map<string, string>();

  add(name: string, html: string): void {
    const before = this.#parts.get(name);
    this.#parts.set(name, before === undefined ? html : `${before}\n${html}`);
  }

  /** True as long as nothing was added. */
  get empty(): boolean {
    return this.#parts.size === 0;
  }

  /**
   * One page with a tab for each part, complete in itself: no scripts, nothing from elsewhere. Names are text; what a
   * part holds is HTML, and its author's responsibility.
   */
  html(): string {
    const tabs = [...this.#parts.keys()].map(
      (name, at) =>
        `<input type="radio" name="part" id="part-${at}"${at === 0 ? " checked" : ""}><label for="part-${at}">${escapeHtml(name)}</label>`,
    );
    const shown = tabs.map((_, at) => `#part-${at}:checked~main>:nth-child(${at + 1})`).join(",");
    const parts = [...this.#parts.values()].map((html) => `<section>${html}</section>`);
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Deck</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body{font-family:"Open Sans",system-ui,sans-serif;margin:0;padding:1rem 2rem}
input[name=part]{position:absolute;opacity:0}
label{display:inline-block;padding:8px 12px;font-size:14px;font-weight:700;color:#666;cursor:pointer;border-bottom:4px solid transparent}
input[name=part]:checked+label{color:#333;border-color:#a31aff}
input[name=part]:focus-visible+label{outline:2px solid #a31aff}
main{padding-top:1rem}
main>section{display:none}
${shown === "" ? "" : `${shown}{display:block}`}
</style>
</head>
<body>
${tabs.join("\n")}
<main>
${parts.join("\n")}
</main>
</body>
</html>
`;
  }
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => entities[char] ?? char);
