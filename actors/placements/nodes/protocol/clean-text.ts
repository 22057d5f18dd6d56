/** Control characters, marks of text direction, and line ends: nothing that people read. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Text of another machine as one line of events and messages: short, and without control
 * characters.
 */
export function oneLine(text: string, maxLength = 2_000): string {
  return text.replace(/\s+/g, ' ').replace(unseen, shown).slice(0, maxLength);
}

/** The same for text of several lines, such as a stack. */
export function cleanLines(text: string, maxLength = 20_000): string {
  return text.replace(unseen, (mark) => (mark === '\n' ? mark : shown(mark))).slice(0, maxLength);
}

/** `\u{1b}` for a character that is invisible. */
function shown(mark: string): string {
  return `\\u{${mark.codePointAt(0)!.toString(16)}}`;
}
