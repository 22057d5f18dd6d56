/**
 * Characters that a terminal obeys or hides: control characters (C0, DEL, C1) and characters that
 * change the direction of text, break its lines or annotate it.
 */
const controls =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are meant.
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb]/g;

/**
 * Text from outside with visible control characters: each becomes its JSON escape, such as
 * `\u001b`. So JSON stays JSON with the same meaning.
 *
 * @param kept characters that stay
 */
export function escapeControls(text: string, kept = ''): string {
  return text.replace(controls, (character) =>
    kept.includes(character)
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
