import * as zlib from 'node:zlib';
import type { ReadOptions } from '../../../src/io/read-options.js';
import { randomAt } from '../../../src/random.js';

/** A CSV file, or several of one table, whose content is known. */
export interface CsvCase {
  /** What is peculiar about it, for messages. */
  readonly traits: readonly string[];
  readonly files: readonly { readonly name: string; readonly bytes: Buffer }[];
  readonly options: ReadOptions;
  /** Rows in order, as their fields stand in the file: user, item and, if there is one, rating. */
  readonly rows: readonly (readonly string[])[] | undefined;
  /**
   * What must come of it: every row, an error, or one of the two. Of an error the place, where only
   * one is right.
   */
  readonly must: 'read' | 'refuse' | 'either';
  readonly at?: { readonly file: string; readonly line: number } | undefined;
}

type Pick = <T>(...values: readonly T[]) => T;

const letters = [
  'ann',
  'böb',
  'Ωmega',
  '李雷',
  'x y',
  'o’neil',
  'e\u0301',
  '🍵',
  'a-b',
  '#9',
  '%5',
];

/** Texts of one shape, by number; equal numbers give equal texts. */
const shapes: Readonly<Record<string, (at: number) => string>> = {
  integers: (at) => `${at}`,
  negative: (at) => `${at - 3}`,
  'leading zeros': (at) => `${at}`.padStart(3 + (at % 3), '0'),
  'beyond 2^53': (at) => `${9_007_199_254_740_993n + BigInt(at)}`,
  'beyond 2^64': (at) => `${36_893_488_147_419_103_232n + BigInt(at)}`,
  floats: (at) => `${at}.${at % 2 === 0 ? '0' : '50'}`,
  'upper UUIDs': (at) => `550E8400-E29B-41D4-A716-${`${at}`.padStart(12, 'A')}`,
  dates: (at) => `2020-${at % 2 === 0 ? '1' : '01'}-${`${(at % 28) + 1}`.padStart(2, '0')}T${at}`,
  'dates alone': (at) =>
    `20${`${at % 100}`.padStart(2, '0')}-01-${at % 2 === 0 ? '1' : '01'}x`.slice(0, -1),
  'booleans and words': (at) => ['true', 'FALSE', 'True', 'false', 't', 'f'][at] ?? `b${at}`,
  'words like NULL': (at) =>
    ['NA', 'null', 'NULL', 'None', 'nan', '\\N', 'N/A', '-'][at] ?? `n${at}`,
  unicode: (at) => `${letters[at % letters.length]}${at < letters.length ? '' : at}`,
  words: (at) => `w${at.toString(36)}`,
  hexadecimal: (at) => `0x${at.toString(16)}`,
  exponents: (at) => `${at}e${at % 3}`,
  'many digits': (at) => `${String(at).repeat(3)}_0`,
};

/** Texts that need quotes. */
const quotedShapes: typeof shapes = {
  'delimiters inside': (at) => `a,b;c\td|${at}`,
  'line ends inside': (at) => `a\nb${['\n', '\r\n', ',1,2\n'][at % 3]}${at}`,
  'rows inside': (at) => `x\n1,${at},3\n2,${at},4\n`,
  'quotes inside': (at) => `"${at}"" say "x`,
  'quotes alone': (at) => '"'.repeat((at % 5) + 1) + at,
};

/** The case of a seed. The same on every machine. */
export function csvCase(seed: number, { most = 4000 } = {}): CsvCase {
  let drawn = 0;
  const random = () => randomAt(seed, 0, drawn++);
  const pick: Pick = (...values) => values[Math.floor(random() * values.length)]!;
  const chance = (share: number) => random() < share;
  const traits: string[] = [];
  const note = (trait: string) => void traits.push(trait);

  const delimiter = pick(',', ',', '\t', ';', '|', ' ');
  note(`delimiter ${JSON.stringify(delimiter)}`);
  const isBlank = delimiter === ' ';
  const known = Object.keys(shapes).filter((name) => !isBlank || name !== 'unicode');
  const canQuote = !isBlank && chance(0.4);
  const all = { ...shapes, ...(canQuote ? quotedShapes : {}) };
  const names = canQuote
    ? [...known, ...Object.keys(quotedShapes), ...Object.keys(quotedShapes)]
    : known;
  const userShape = pick(...names);
  const itemShape = pick(...names);
  note(`users ${userShape}, items ${itemShape}`);
  const hasRating = chance(0.75);
  const hasNote = chance(0.3);
  const count = pick(1, 2, 5, 30, 30, 30, 300, 1500, most);
  const late = chance(0.15) ? pick('float', 'word', 'padded zeros') : undefined;
  const isLate = (at: number) => at === count - 1 && count > 1;

  const rows: string[][] = [];
  const fields: string[][] = [];
  const pairs = new Set<string>();
  for (let at = 0; at < count; at++) {
    const spread = Math.ceil(Math.sqrt(count)) + 2;
    let user = all[userShape]!(Math.floor(random() * spread));
    const item = all[itemShape]!(Math.floor(random() * spread));
    if (late !== undefined && isLate(at))
      user = { float: '7.25', word: 'late', 'padded zeros': '007' }[late];
    const rating = pick('1', '2', '3.5', '4.25', '5', '-1', '1e2', '.5');
    pairs.add(JSON.stringify([user, item]));
    rows.push(hasRating ? [user, item, rating] : [user, item]);
    const notes = hasNote ? [pick('', 'a note', 'x', isBlank ? 'y' : ' z ')] : [];
    if (isBlank && notes[0] !== undefined) notes[0] = notes[0].replaceAll(' ', '') || 'none';
    fields.push([user, item, ...(hasRating ? [rating] : []), ...notes]);
  }
  if (late !== undefined) note(`last user ${late}`);

  const isNumeric = [userShape, itemShape].every((shape) =>
    /integers|negative|zeros|beyond|floats/.test(shape),
  );
  const header = chance(0.75)
    ? ['user', 'item', ...(hasRating ? ['rating'] : []), ...(hasNote ? ['note'] : [])]
    : undefined;
  // Four columns without names are not guessed.
  const noNames = header === undefined;
  note(noNames ? 'no header' : 'header');
  const options: { -readonly [K in keyof ReadOptions]: ReadOptions[K] } = { duplicates: 'last' };
  let must: CsvCase['must'] = 'read';
  let at: CsvCase['at'];
  // Such a file may be read in another way than it was meant, if it is short.
  let isAmbiguous = false;
  if (noNames) {
    const isTold = chance(0.6);
    if (isTold) options.header = false;
    if (hasNote)
      Object.assign(options, {
        user: 'column0',
        item: 'column1',
        ...(hasRating && { rating: 'column2' }),
      });
    if (!isTold && !(isNumeric && !hasNote)) must = 'either';
    // A word below text may be a rating or not, a third of numbers is.
    if (!hasRating && hasNote) must = 'either';
  }
  if (chance(0.2)) options.delimiter = delimiter;
  if (count < 30 && options.delimiter === undefined) {
    if (canQuote && must === 'read') must = 'either';
    isAmbiguous = canQuote;
  }
  if (chance(0.15)) {
    options.where = hasRating && !noNames ? 'rating > -1000' : 'true';
    note('where');
  }

  const newline = pick('\n', '\n', '\n', '\r\n', '\r\n', '\r');
  note(`ends ${JSON.stringify(newline)}`);
  const quoteAll = canQuote && chance(0.4);
  const write = (values: readonly string[]): string => {
    if (isBlank) return values.join(chance(0.3) ? pick('  ', '\t', ' \t ') : ' ');
    return values
      .map((value) => {
        const needs = /[",;|\t\r\n]/.test(value);
        if (!needs && !quoteAll && !(canQuote && chance(0.1))) return value;
        return `"${value.replaceAll('"', '""')}"`;
      })
      .join(delimiter);
  };

  // Lines, some of them of several parts.
  const partCount = chance(0.15) && count > 2 && header !== undefined ? pick(2, 3) : 1;
  const bodies = fields.map(write);
  const inFiles: { lines: string[]; starts: number[] }[] = [];
  const perPart = Math.ceil(count / partCount);
  const lineBreaks = (text: string) => text.match(/\r\n|\n|\r/g)?.length ?? 0;
  const hasComments = !noNames || chance(0.2) ? chance(0.15) : false;
  const hasBlankLines = chance(0.15);
  if (hasComments) note('comments first');
  if (hasBlankLines) note('blank lines');
  const places: { part: number; line: number }[] = [];
  for (let part = 0; part < partCount; part++) {
    const lines: string[] = [];
    let line = 1;
    const put = (text: string) => {
      lines.push(text);
      line += lineBreaks(text) + 1;
    };
    if (hasComments)
      for (let n = pick(1, 2, 3); n > 0; n--)
        put(pick('# a comment', '# it "is', "# don't", '#', '# "a" b "c"', '% say'));
    if (hasBlankLines && chance(0.5)) put('');
    if (header !== undefined)
      put(
        canQuote && chance(0.2)
          ? header.map((name) => `"${name}"`).join(delimiter)
          : isBlank
            ? header.join(' ')
            : header.join(delimiter),
      );
    for (const body of bodies.slice(part * perPart, (part + 1) * perPart)) {
      if (hasBlankLines && chance(0.1)) put('');
      places.push({ part, line });
      put(body);
    }
    inFiles.push({ lines, starts: [] });
  }
  if (partCount > 1) note(`${partCount} parts`);

  // What is wrong, if something is.
  const fault = chance(0.25)
    ? pick(
        'field less',
        'field more',
        'words',
        'open quote',
        'text after quote',
        'mixed ends',
        'comment among rows',
        'no item',
        'no rating',
        'NUL',
      )
    : undefined;
  const names0 = inFiles.map((_, part) => `${partCount > 1 ? `part-${part}` : 'ratings'}.csv`);
  let mixedAt: number | undefined;
  if (fault !== undefined && count > 1) {
    const row = Math.floor(random() * count);
    const place = places[row]!;
    const { lines } = inFiles[place.part]!;
    let index = 0;
    for (let line = 1; line < place.line; index++) line += lineBreaks(lines[index]!) + 1;
    const original = lines[index]!;
    const plain = fields[row]!;
    const replace = (text: string): void => {
      lines[index] = text;
    };
    let isFault = true;
    if (fault === 'field less') replace(write(plain.slice(0, -1)));
    else if (fault === 'field more') replace(`${original}${isBlank ? ' ' : delimiter}17`);
    else if (fault === 'words') replace('export-interrupted');
    else if (fault === 'open quote' && !isBlank)
      replace(`"${write(plain.map((value) => value.replaceAll('"', '')))}`);
    else if (fault === 'text after quote' && !isBlank)
      replace(['"a"b', ...plain.slice(1)].join(delimiter).replaceAll(/\n|\r/g, ''));
    else if (fault === 'comment among rows') replace('# a comment');
    else if (fault === 'no item' && !isBlank) replace(write([plain[0]!, '', ...plain.slice(2)]));
    else if (fault === 'no rating' && hasRating)
      replace(
        write([plain[0]!, plain[1]!, pick('NA', 'null', isBlank ? 'x' : ''), ...plain.slice(3)]),
      );
    else if (fault === 'mixed ends' && newline !== '\r' && !noNames) mixedAt = index;
    else if (fault === 'NUL') replace(original.replace(/[^"]/, '$&\0'));
    else isFault = false;
    if (isFault) {
      note(`${fault} in line ${place.line} of part ${place.part}, row ${row}`);
      must =
        fault === 'mixed ends' || fault === 'NUL'
          ? 'either'
          : must === 'read' && !['text after quote', 'open quote'].includes(fault)
            ? 'refuse'
            : 'either';
      if (count < 30) must = 'either';
      if (options.where !== undefined && must === 'refuse') must = 'either';
      if (must === 'refuse') at = { file: names0[place.part]!, line: place.line };
      if (fault === 'NUL') rows[row]![0] = rows[row]![0]!.replace(/./, '$&\0');
      if (must === 'either' && !['mixed ends', 'NUL'].includes(fault)) isAmbiguous = true;
    }
  }

  const encoding = chance(0.25)
    ? pick('BOM', 'utf-16le', 'utf-16be', 'UTF-16 with mark', 'windows-1252')
    : 'UTF-8';
  note(encoding);
  const compression = chance(0.3)
    ? pick(
        'gzip',
        'gzip',
        'gzip members',
        ...('zstdCompressSync' in zlib ? ['zstd', 'zstd frames'] : []),
      )
    : 'none';
  if (compression !== 'none') note(compression);
  const isCut = compression !== 'none' && chance(0.4);
  const files = inFiles.map(({ lines }, part) => {
    let text = '';
    for (const [index, line] of lines.entries()) {
      const other = newline === '\n' ? '\r\n' : '\n';
      text += line + (index === mixedAt ? other : newline);
    }
    if (chance(0.2)) text = text.slice(0, -newline.length);
    if (encoding === 'windows-1252' && /[^\0-\x7f\xa0-\xff]/.test(text))
      text = text.replaceAll(/[^\0-\x7f\xa0-\xff]/gu, 'é');
    let bytes = encode(text, encoding, options);
    if (compression !== 'none') bytes = compress(bytes, compression, random);
    let name = names0[part]!;
    if (compression.startsWith('gzip')) name += chance(0.8) ? '.gz' : '';
    if (compression.startsWith('zstd')) name += '.zst';
    return { name, bytes };
  });
  if (encoding === 'windows-1252')
    for (const row of rows)
      for (let n = 0; n < 2; n++) row[n] = row[n]!.replaceAll(/[^\0-\x7f\xa0-\xff]/gu, 'é');
  if (at !== undefined) at = { ...at, file: files[names0.indexOf(at.file)]!.name };
  if (isCut) {
    const part = Math.floor(random() * files.length);
    const file = files[part]!;
    const from = Math.floor(random() * file.bytes.length);
    const kind = pick('cut', 'byte', 'garbage');
    note(`${kind} at ${from} of ${file.bytes.length}`);
    if (kind === 'cut') file.bytes = Buffer.from(file.bytes.subarray(0, from));
    else if (kind === 'byte') file.bytes[from]! ^= 1 << Math.floor(random() * 8);
    else file.bytes = Buffer.concat([file.bytes, Buffer.from('garbage')]);
    if (must === 'read') must = 'either';
    if (must === 'refuse') at = undefined;
  }
  return {
    traits: [`seed ${seed}`, `${count} rows`, ...traits],
    files,
    options,
    rows: isAmbiguous ? undefined : rows,
    must,
    at,
  };
}

function encode(
  text: string,
  encoding: string,
  options: { encoding?: string | undefined },
): Buffer {
  if (encoding === 'BOM') return Buffer.from(`\ufeff${text}`);
  if (encoding === 'windows-1252') {
    options.encoding = 'latin1';
    return Buffer.from(text, 'latin1');
  }
  if (encoding === 'UTF-8') return Buffer.from(text);
  const little = Buffer.from(encoding === 'UTF-16 with mark' ? `\ufeff${text}` : text, 'utf16le');
  if (encoding !== 'UTF-16 with mark') options.encoding = encoding;
  return encoding === 'utf-16be' ? little.swap16() : little;
}

function compress(bytes: Buffer, how: string, random: () => number): Buffer {
  const zip = (part: Buffer) =>
    how.startsWith('gzip')
      ? zlib.gzipSync(part)
      : (zlib as unknown as { zstdCompressSync(part: Buffer): Buffer }).zstdCompressSync(part);
  if (!/members|frames/.test(how)) return zip(bytes);
  const middle = Math.floor(random() * bytes.length);
  return Buffer.concat([zip(bytes.subarray(0, middle)), zip(bytes.subarray(middle))]);
}
