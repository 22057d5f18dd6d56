import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Adds a colour or weight to text. */
export type Paint = (format: Format, text: string) => string;

/** Paints where `stream` is a terminal that shows colours and NO_COLOR is not set; else leaves text alone. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return stream.isTTY && stream.hasColors() ? styleText : (_format, text) => text;
}
