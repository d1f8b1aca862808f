/** One character as a reader sees it may be several code points. */
const segmenter = new Intl.Segmenter();

/** What takes two columns of a terminal: pictures, and the scripts and forms that Unicode calls wide. */
const wide =
  /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|[\u3000-\u303e\u30fc\uff01-\uff60\uffe0-\uffe6])/u;

/** True for text of which every character takes one column. */
const isPlain = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

const columnsOf = (character: string): number => (wide.test(character) ? 2 : 1);

/** How many columns of a terminal a text takes. */
export function textWidth(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += columnsOf(segment);
  return width;
}

/** A text that takes at most so many columns; the end of what was cut is an ellipsis. */
export function cutToWidth(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = "";
  let used = 1;
  for (const { segment } of segmenter.segment(text)) {
    used += columnsOf(segment);
    if (used > width) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** A text with spaces behind it, or before it, to take so many columns. */
export function padToWidth(text: string, width: number, right: boolean): string {
  const spaces = " ".repeat(Math.max(0, width - textWidth(text)));
  return right ? spaces + text : text + spaces;
}
