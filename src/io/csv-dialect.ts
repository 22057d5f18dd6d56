import { isUsualName } from '../ratings/usual-names.js';
import { distinct, type HeaderHints, isHeader, namesIn } from './csv-header.js';
import { type CsvRecord, type FieldSyntax, RecordSplitter } from './csv-records.js';

/** How a CSV file is written. */
export interface CsvDialect extends FieldSyntax {
  /** Names of the columns; column0, column1, … where the file does not name them. */
  readonly names: readonly string[];
  readonly hasHeader: boolean;
  /** Records before the first row: comments, empty lines, the header. */
  readonly skip: number;
  /** Lines that the header goes over; 0 without one. */
  readonly headerLines: number;
  /** How the first line ends; '' if there is only one. */
  readonly ending: string;
  /** The comments among them. */
  readonly comments: readonly CsvRecord[];
  /** Bad rows before the header, where they are left out. */
  readonly leading: readonly CsvRecord[];
  /** Rows of the beginning of the file, without empty lines. */
  readonly sample: readonly CsvRecord[];
  /** The first row that has other fields than the dialect says. */
  readonly bad: CsvRecord | undefined;
}

/** What options say about a CSV file. */
export interface DialectOptions extends HeaderHints {
  readonly delimiter?: string | undefined;
  readonly header?: boolean | undefined;
  readonly skipBadRows?: boolean | undefined;
}

/** The result of one way to read the beginning of a file. */
interface Reading {
  readonly syntax: FieldSyntax;
  readonly records: readonly CsvRecord[];
  /** How many fields most records have. */
  readonly fieldCount: number;
  /** Share of the records that have as many. */
  readonly agreement: number;
}

/** Delimiters to try; the first of equals is taken, runs of blanks only if no other fits. */
const delimiters = [',', '\t', ';', '|', '::'];

/** Enough to see a pattern. */
const maxSample = 1000;

/**
 * Detects the delimiter, quotes and header from the beginning of a file. Undefined for a file
 * without a record. `undecided` if nothing shows whether the first line is a header.
 *
 * @param text whole lines, if it is not the whole file
 * @param isWhole whether it is
 */
export function findDialect(
  text: string,
  given: DialectOptions,
  isWhole = true,
): CsvDialect | 'undecided' | undefined {
  const { syntax, records, fieldCount } = chooseReading({ text, isWhole }, given.delimiter);
  const filled = records.filter((record) => !isBlank(record, syntax));
  if (filled.length === 0) return undefined;
  const first = filled.findIndex((record) => !isComment(record, fieldCount, syntax));
  const comments = filled.slice(0, first < 0 ? filled.length : first);
  const hasSize = isMatrixMarket(comments, filled[first]);
  if (hasSize) comments.push(filled[first]!);
  const bodies = filled.slice(comments.length);
  const start = given.skipBadRows ? bodies.findIndex((record) => fits(record, fieldCount)) : 0;
  const leading = bodies.slice(0, start);
  const rows = bodies.slice(leading.length);
  const [head, ...below] = rows;
  if (head === undefined) return undefined;
  // A single field is never a rating.
  const hasHeader = given.header ?? (fieldCount > 1 && isHeader(head, below, fieldCount, given));
  if (hasHeader === undefined) return 'undecided';
  const headNames = namesIn(head);
  // A delimiter after the last name, which the rows lack.
  if (headNames.length === fieldCount + 1 && headNames.at(-1) === '') headNames.pop();
  const names = hasHeader
    ? distinct(headNames)
    : Array.from({ length: fieldCount }, (_, at) => `column${at}`);
  const sample = hasHeader ? below : rows;
  return {
    ...syntax,
    names,
    hasHeader,
    skip: records.indexOf(head) + (hasHeader ? 1 : 0),
    headerLines: hasHeader ? head.text.split(/\r\n|\n|\r/).length : 0,
    ending: records[0]!.ending,
    ...{ comments, leading, sample },
    bad: sample.find((record) => !fits(record, names.length)),
  };
}

/**
 * Whether a line before the rows is a comment: % begins one; # does if it has no fields of a row, or
 * stands between blanks that are the delimiter.
 */
function isComment(
  { text, fields }: CsvRecord,
  fieldCount: number,
  { delimiter }: FieldSyntax,
): boolean {
  if (/^%[%\s]/.test(text) || (delimiter === ' ' && /^\s*#\s/.test(text))) return true;
  return mayBeComment.test(text) && fields.length !== fieldCount;
}

const mayBeComment = /^\s*[#%]/;

/** Whether a line is empty, and so no row. */
export function isBlank({ text }: CsvRecord, { delimiter }: FieldSyntax): boolean {
  return text === '' || (delimiter === ' ' && text.trim() === '');
}

/** Whether a record has so many fields; one more may be empty, after a last delimiter. */
export function fits(
  { fields, fault }: Pick<CsvRecord, 'fields' | 'fault'>,
  width: number,
): boolean {
  if (fault !== undefined) return false;
  return fields.length === width || (fields.length === width + 1 && fields.at(-1) === '');
}

/** Whole lines of the beginning of a file, or all of it. */
interface Beginning {
  readonly text: string;
  readonly isWhole: boolean;
}

function chooseReading(beginning: Beginning, delimiter: string | undefined): Reading {
  const tried = delimiter === undefined ? delimiters : [delimiter];
  const readings = tried.map((one) => readBy(one, beginning));
  // 1::31::3 is MovieLens' way; std::sort,std::swap is not.
  const likely = readings.filter(
    ({ syntax, records }) =>
      syntax.delimiter !== '::' ||
      delimiter !== undefined ||
      isMovieLens(records.find((record) => record.text !== '')),
  );
  const best = likely.reduce((a, b) => (isBetter(b, a) ? b : a));
  if (best.fieldCount > 1 || delimiter !== undefined) return best;
  const blanks = readBy(' ', beginning);
  return blanks.fieldCount > 1 ? blanks : best;
}

function isMovieLens(first: CsvRecord | undefined): boolean {
  return first !== undefined && (/^\d+::/.test(first.text) || first.fields.every(isUsualName));
}

function isBetter(a: Reading, b: Reading): boolean {
  const rank = ({ fieldCount, agreement }: Reading) => (fieldCount > 1 ? agreement : 0);
  return rank(a) > rank(b) || (rank(a) === rank(b) && a.fieldCount > b.fieldCount);
}

/** Standard quotes, unless the text has quotes that quote nothing or are escaped otherwise. */
function readBy(delimiter: string, beginning: Beginning): Reading {
  const { text } = beginning;
  const plain = { delimiter, quote: '', escape: '' };
  if (delimiter === ' ' || delimiter === '::') return readAs(plain, beginning);
  const standard = readAs({ delimiter, quote: '"', escape: '"' }, beginning);
  if (!standard.records.some(({ fault }) => fault !== undefined)) {
    const isSingle = (field: string) => field.length > 1 && /^'.*'$/s.test(field);
    const single =
      !text.includes('"') && standard.records.some(({ fields }) => fields.every(isSingle))
        ? readAs({ delimiter, quote: "'", escape: "'" }, beginning)
        : standard;
    return single.records.some(({ fault }) => fault !== undefined) ? standard : single;
  }
  const escaped = readAs({ delimiter, quote: '"', escape: '\\' }, beginning);
  if (text.includes('\\"') && !escaped.records.some(({ fault }) => fault)) return escaped;
  const unquoted = readAs(plain, beginning);
  const quotesNothing = standard.records.every(({ fault, quoted, text }) =>
    delimiter === '\t'
      ? fault !== 'open'
      : fault === 'closed early'
        ? !/[\r\n]/.test(text)
        : fault === undefined && !quoted.includes(true),
  );
  return quotesNothing && unquoted.agreement === 1 ? unquoted : standard;
}

function readAs(syntax: FieldSyntax, { text, isWhole }: Beginning): Reading {
  const records: CsvRecord[] = [];
  for (const record of new RecordSplitter(syntax).push(text, true)) {
    if (records.length === maxSample) break;
    // Quotes may close after the sampled beginning.
    if (record.fault === 'open' && !isWhole && records.length > 0) break;
    records.push(record);
  }
  const filled = records.filter((record) => !isBlank(record, syntax));
  const counts = new Map<number, number>();
  const first = filled.findIndex(({ text }) => !mayBeComment.test(text));
  for (const { fields, fault } of first < 0 ? filled : filled.slice(first)) {
    if (fault === undefined) counts.set(fields.length, (counts.get(fields.length) ?? 0) + 1);
  }
  let fieldCount = 0;
  for (const [count, times] of counts) {
    if (times > (counts.get(fieldCount) ?? 0)) fieldCount = count;
  }
  const agreement = filled.filter((record) => fits(record, fieldCount)).length / filled.length;
  return { syntax, records, fieldCount, agreement };
}

/** Whether the first row after the comments says the size of a Matrix Market file. */
function isMatrixMarket(comments: readonly CsvRecord[], first: CsvRecord | undefined): boolean {
  return (
    /^%%MatrixMarket\s+matrix\s+coordinate/i.test(comments[0]?.text ?? '') &&
    first !== undefined &&
    first.text.trim().split(/\s+/).length === 3
  );
}
