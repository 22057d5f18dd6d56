import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Adds a colour or weight to text. */
export type Paint = (format: Format, text: string) => string;

/** Paints where `stream` is a terminal that shows colours and NO_COLOR is not set; else leaves text alone. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return stream.isTTY && stream.hasColors() ? styleText : (_format, text) => text;
}

/** Sequences that set a colour or a weight, and do nothing else; one group. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
export const paintCodes = /(\u001b\[(?:0|1|2|22|3[0-7]|39|9[0-7])m)/;
