import type { CsvDialect } from './csv-dialect.js';
import { type CsvRecord, splitPlain } from './csv-records.js';
import { textType } from './text-type.js';

/**
 * Tells whether a record of several lines has lines in its quotes that look like rows: with as many
 * fields, and numbers where most rows have some. A quotation mark may be missing then. Bytes of the
 * text are characters.
 */
export function swallowsRows({
  names,
  delimiter,
  sample,
}: CsvDialect): (record: Pick<CsvRecord, 'text'>) => boolean {
  const numbers = names.flatMap((_, at) => {
    const count = sample.filter(({ fields }) => isNumber(fields[at])).length;
    return count * 2 > sample.length ? [at] : [];
  });
  const byBytes = Buffer.from(delimiter).toString('latin1');
  const looksLikeRow = (line: string): boolean => {
    const fields = splitPlain(line, byBytes);
    return fields.length === names.length && numbers.every((at) => isNumber(fields[at]));
  };
  return ({ text }) =>
    numbers.length > 0 &&
    text
      .split(/\r\n|\n|\r/)
      .slice(1)
      .some(looksLikeRow);
}

function isNumber(value: string | undefined): boolean {
  return value !== undefined && /INT|DOUBLE/.test(textType([value]));
}
