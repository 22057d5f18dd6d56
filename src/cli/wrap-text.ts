/** How a text is broken into lines. */
export interface WrapOptions {
  /** Most columns of a line; `Infinity` keeps the text on one line. */
  readonly columns: number;
  /** Columns that lines after the first are indented by. */
  readonly indent?: number;
}

/** What is as wide as two letters on a terminal. */
const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
const letters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Columns that a text without line breaks and colours takes on a terminal. */
export function columnsOf(text: string): number {
  // What is told letter by letter takes long, and hardly any text needs it.
  if (/^[ -~]*$/.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of letters.segment(text)) columns += wide.test(segment) ? 2 : 1;
  return columns;
}

/**
 * A paragraph in lines of at most `columns`, broken between words. A word that is longer than a line,
 * such as a path, has a line of its own.
 */
export function wrapText(text: string, { columns, indent = 0 }: WrapOptions): string {
  if (columns === Number.POSITIVE_INFINITY) return text;
  return text
    .split('\n')
    .map((line) => wrapLine(line, columns, indent))
    .join('\n');
}

function wrapLine(text: string, columns: number, indent: number): string {
  // Spaces before a word belong to it: those that start the line, or line columns up, stay.
  const lines: string[] = [];
  let line = '';
  for (const [word] of text.matchAll(/\s*\S+/g)) {
    // The first word after a label stays beside it.
    const isBegun = columnsOf(line) > indent;
    if (isBegun && columnsOf(line) + columnsOf(word) > columns) {
      lines.push(line);
      line = ' '.repeat(indent) + word.trimStart();
    } else line += word;
  }
  return [...lines, line].join('\n');
}

/**
 * Columns of the terminal behind a stream. By pipe a line ends where its text does, so that `grep`
 * finds what it looks for.
 */
export function proseColumns(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): number {
  return stream.isTTY && stream.columns > 0 ? stream.columns : Number.POSITIVE_INFINITY;
}
