import { SourceError } from '../errors.js';
import type { CsvRecord } from './csv-records.js';

/** Characters of a line that a message shows. */
const shownLength = 80;

/** An error about one line of a file: its number and its beginning. */
export function badLine(
  file: string,
  { line, text }: Pick<CsvRecord, 'line' | 'text'>,
  found: string,
  expected: string,
): SourceError {
  return new SourceError(
    'ERR_BAD_LINE',
    `found that line ${line} of ${file} ${found} (${quotedLine(text)}); expected ${expected}; ` +
      'correct the line, or leave such lines out with skipBadRows: true',
    { file, line },
  );
}

/** The beginning of a line, in quotes. */
export function quotedLine(text: string): string {
  const first = text.split(/[\r\n]/, 1)[0]!;
  const isWhole = first.length <= shownLength && first.length === text.length;
  return JSON.stringify(isWhole ? first : `${first.slice(0, shownLength)}…`);
}
