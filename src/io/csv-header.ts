import { isTellingName, isUsualName } from '../ratings/usual-names.js';
import type { CsvRecord } from './csv-records.js';
import { textType } from './text-type.js';

/** The fields of a record as names of columns; a # before the first one is left out. */
export function namesIn({ fields }: CsvRecord): string[] {
  return fields.map((field, at) => (at === 0 ? field.replace(/^#\s*/, '') : field).trim());
}

/** What else may tell a header. */
export interface HeaderHints {
  /** Names of columns that options give. */
  readonly columns?: readonly string[] | undefined;
  /** The header of the file before, if there is one. */
  readonly before?: readonly string[] | undefined;
}

/**
 * Whether the first record names the columns; undefined if nothing shows it. Usual names and names
 * from options do; so do texts above a column of numbers or times.
 */
export function isHeader(
  head: CsvRecord,
  below: readonly CsvRecord[],
  fieldCount: number,
  { columns = [], before }: HeaderHints,
): boolean | undefined {
  const names = namesIn(head);
  const lower = names.map((name) => name.toLowerCase());
  if (before !== undefined && names.join('\n') === before.join('\n')) return true;
  if (columns.some((name) => lower.includes(name.toLowerCase()))) return true;
  if (names.some(isTellingName) || names.filter(isUsualName).length > 1) return true;
  // A first line of numbers names nothing, even if those below look otherwise.
  if (names.some((name) => textType([name]) !== 'VARCHAR')) return false;
  // A line of another kind, such as a preamble, is a bad row.
  if (head.fields.length !== fieldCount) return false;
  if (below.length === 0) return undefined;
  const isAbove = names.some((name, at) => {
    const values = below.map(({ fields }) => fields[at] ?? '').filter((value) => value !== '');
    return /\p{L}{2}/u.test(name) && !isNothing.test(name) && textType(values) !== 'VARCHAR';
  });
  return isAbove ? true : undefined;
}

/** Words for no value. */
const isNothing = /^(null|none|nan|na|n\/a|nil|undefined|missing|unknown)$/i;

/** Names for a query, which ignores case: a, A and an empty one become a, A_1 and column2. */
export function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name, at) => {
    const plain = name === '' ? `column${at}` : name;
    let own = plain;
    for (let n = 1; taken.has(own.toLowerCase()); n++) own = `${plain}_${n}`;
    taken.add(own.toLowerCase());
    return own;
  });
}
