import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { ColumnError, SourceError } from '../../../src/errors.js';
import type { ReadOptions } from '../../../src/io/read-options.js';
import { readRatings } from '../../../src/io/read-ratings.js';
import { timesByUser, triplesByUser } from '../../helpers/builders/rating-triples.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import {
  bare,
  type Content,
  plain,
  readContent,
  three,
} from '../../helpers/probes/read-content.js';

const reads = test.macro({
  async exec(t, content: Content, expected: unknown[], options?: ReadOptions, name?: string) {
    const ratings = await readContent(t, content, options, name);

    t.deepEqual<unknown, unknown>(triplesByUser(ratings), expected);
  },
  title: (provided) => `reads ${provided}`,
});
test('whole numbers after a blank', reads, plain.replaceAll(',', ', '), three);
test('single blanks as delimiter', reads, bare.replaceAll(',', ' '), three);
test('runs of blanks and tabs as delimiter', reads, bare.replaceAll(',', '  \t '), three);
test('blanks around lines', reads, bare.replaceAll(',', ' ').replaceAll('\n', ' \n '), three);
test('a header between blanks', reads, plain.replaceAll(',', '  '), three);
test('a colon by option', reads, plain.replaceAll(',', ':'), three, { delimiter: ':' });
test('a byte order mark', reads, `\ufeff${plain}`, three);
test('lines that end with CR', reads, plain.replaceAll('\n', '\r'), three);
test('empty lines', reads, plain.replaceAll('\n', '\n\n'), three);
test('empty lines first', reads, `\n\n${plain}`, three);
test('a last line without end', reads, plain.trim(), three);
test('a delimiter at the end of each line', reads, plain.replaceAll('\n', ',\n'), three);
test('comments before the header', reads, `# a log\n# of today\n${plain}`, three);
test('edges of SNAP', reads, '# Nodes: 2 Edges: 3\n# From\tTo\n1\t2\n1\t3\n2\t2\n', [
  [1, 2, 1],
  [1, 3, 1],
  [2, 2, 1],
]);
test('KONECT', reads, '% bip weighted\n% 3 2 2\n1 2 3\n1 3 4\n2 2 5\n', three);
test(
  'a Matrix Market file',
  reads,
  '%%MatrixMarket matrix coordinate real general\n% made\n2 3 3\n1 2 3\n1 3 4\n2 2 5\n',
  three,
);
test('one row', reads, '1,2,3', [[1, 2, 3]]);
test('one row below a header', reads, 'user,item\nann,tea\n', [['ann', 'tea', 1]]);
test('quoted fields with delimiters, quotes and line ends', reads, 'user,item\n"a,b","c""d\ne"\n', [
  ['a,b', 'c"d\ne', 1],
]);
test('leading zeros', reads, 'user,item\n007,1\n7,1\n', [
  ['007', 1, 1],
  ['7', 1, 1],
]);
test(
  'text without a header, by option',
  reads,
  'ann,tea\nbob,tea\n',
  [
    ['ann', 'tea', 1],
    ['bob', 'tea', 1],
  ],
  { header: false },
);
test(
  'an unusual header, by option',
  reads,
  'wer,was\nann,tea\nbob,tea\n',
  [
    ['ann', 'tea', 1],
    ['bob', 'tea', 1],
  ],
  { header: true },
);
test(
  'an unusual header with names from options',
  reads,
  'wer,was\nann,tea\n',
  [['ann', 'tea', 1]],
  {
    ...{ user: 'wer', item: 'was' },
  },
);
test(
  'text that is called as columns are',
  reads,
  'ann,book\nbob,song\n',
  [
    ['ann', 'book', 1],
    ['bob', 'song', 1],
  ],
  { header: false },
);
const latin = Buffer.from('user,item\nJosé,café\n', 'latin1');
test('tabs with quotes that quote nothing', reads, 'user\titem\n1\t"Weird Al" Yankovic\n', [
  [1, '"Weird Al" Yankovic', 1],
]);
test('two colons below a header', reads, 'user::item::rating\n1::2::3\n', [[1, 2, 3]]);
test('Latin-1 by option', reads, latin, [['José', 'café', 1]], { encoding: 'latin1' });
test('Latin-1 in gzip', reads, gzipSync(latin), [['José', 'café', 1]], { encoding: 'latin-1' });
test('UTF-16 with its byte order mark', reads, Buffer.from(`\ufeff${plain}`, 'utf16le'), three);
test('UTF-16 by option', reads, Buffer.from(plain, 'utf16le'), three, { encoding: 'utf-16le' });
test('gzip without its ending', reads, gzipSync(plain), three);
test('two gzip files in one', reads, Buffer.concat([gzipSync(plain), gzipSync(bare)]), [...three]);

const refuses = test.macro({
  async exec(t, content: Content, line: number, message: RegExp, options?: ReadOptions) {
    const error = await t.throwsAsync(readContent(t, content, options), {
      instanceOf: SourceError,
    });

    t.is((error as SourceError).line, line);
    t.regex(error!.message, message);
    t.true(error!.message.includes(`line ${line} of `) || /first line/.test(error!.message));
  },
  title: (provided, _, line) => `${provided} is refused with its line ${line}`,
});
const many = bare.repeat(10_000);
const longer = '2,2,5,1260759144\n';
test('a field more', refuses, plain + longer, 5, /4 fields \("2,2,5,1260759144"\); expected 3/);
test('a field more, late', refuses, `user,item,rating\n${many}${longer}`, 30_002, /4 fields/);
test('a field less, late', refuses, `${many}7,8\n`, 30_001, /2 fields \("7,8"\)/);
test('a line of words', refuses, `${plain}export interrupted\n${bare}`, 5, /export interrupted/);
test('a comment among rows', refuses, `${plain}# more\n${bare}`, 5, /1 field/);
test('a preamble', refuses, `Export of Monday\n\n${plain}`, 1, /1 field/);
test('a preamble with a delimiter', refuses, `Export, of Monday\n\n${plain}`, 1, /2 fields/);
test('a quotation mark that stays open', refuses, `${plain}"1,2,3\n${bare}`, 5, /never closed/);
test('an open mark, late', refuses, `${many}"1,2,3\n${many}`, 30_001, /never closed/);
test(
  'text after quotes',
  refuses,
  `${plain}"1","2","3"\n"1"x,2,3\n`,
  6,
  /after a closing quotation mark/,
);
test('other line ends, late', refuses, `${many}1,2,3\r\n${bare}`, 30_001, /ends otherwise/);
test('Latin-1', refuses, latin, 2, /not utf-8.*José.*encoding: 'latin1'/);
test('Latin-1, late', refuses, Buffer.from(`${many}1,é,2\n`, 'latin1'), 30_001, /not utf-8/);
test(
  'text without a header',
  refuses,
  'ann,tea\nann,jam\nbob,tea\n',
  1,
  /"ann,tea".*header: false/,
);
test('a field less between blanks', refuses, `${bare.replaceAll(',', ' ')}1 2\n`, 4, /2 fields/);
test(
  'a field less between blanks, late',
  refuses,
  `${many.replaceAll(',', ' ')}1 2\n`,
  30_001,
  /2 fields/,
);
test('bad rows are left out on demand and counted, and the first is reported', async (t) => {
  const content = `${plain}export interrupted\n3,,1\n4,4,many\n5,5,1,1\n6,6,6\n`;
  const file = join(await scratchFolder(t), 'ratings.csv');
  await writeFile(file, content);

  const ratings = await readRatings({ files: file }, { skipBadRows: true });

  t.deepEqual<unknown, unknown>(triplesByUser(ratings), [...three, [6, 6, 6]]);
  t.deepEqual(ratings.provenance?.skippedRows, {
    count: 4,
    first: { file, line: 5, text: 'export interrupted' },
  });
});
test('a whole file has no bad rows', async (t) => {
  const { provenance } = await readContent(t, plain, { skipBadRows: true });

  t.deepEqual(provenance?.skippedRows, { count: 0, first: undefined });
});
const day = 1_577_923_200;
const late = (last: string) =>
  `user,item,rating,timestamp\n${'1,2,1,2020-01-01\n'.repeat(20_481)}${last}`;
test('a date with a time after 20,481 dates is read to the second', async (t) => {
  const ratings = await readContent(t, late('9,9,1,2020-01-02 13:45:10\n'));

  t.deepEqual(timesByUser(ratings).at(-1), [9, 9, 1_577_972_710]);
});
test('a condition sees a fraction after 20,481 whole numbers', async (t) => {
  const content = late('9,9,0.25,2020-01-01\n');

  const ratings = await readContent(t, content, { where: 'rating > 0 AND rating < 1' });

  t.deepEqual(triplesByUser(ratings), [[9, 9, 0.25]]);
});
test('a condition on times with a zone means the same everywhere', async (t) => {
  const content = 'user,item,moment\n1,1,2020-01-01T00:30:00+01:00\n2,2,2020-01-01T00:30:00Z\n';

  const ratings = await readContent(t, content, {
    where: "moment >= TIMESTAMPTZ '2020-01-01 00:00:00'",
  });

  t.deepEqual(triplesByUser(ratings), [[2, 2, 1]]);
});

const dates = test.macro({
  async exec(t, times: readonly string[], expected: readonly number[]) {
    const rows = times.map((time, at) => `${at},1,"${time}"\n`).join('');

    const ratings = await readContent(t, `user,item,timestamp\n${rows}`);

    t.deepEqual(
      timesByUser(ratings).map(([, , time]) => time),
      [...expected],
    );
  },
  title: (_, times: readonly string[]) => `reads times such as ${times[0]}`,
});
test(dates, ['2020-01-02T00:00:01Z', '', '2020-01-02'], [day + 1, Number.NEGATIVE_INFINITY, day]);
test(dates, ['02/01/2020', '13/01/2020 10:00'], [day, day + 11 * 86_400 + 36_000]);
test(dates, ['01/02/2020', '01/13/2020'], [day, day + 11 * 86_400]);
test(dates, ['02.01.2020 00:00:01'], [day + 1]);
test(dates, ['Jan 2, 2020'], [day]);
test(dates, ['Thu Jan 02 00:00:00 +0000 2020'], [day]);

const refusesTime = test.macro({
  async exec(t, times: readonly string[], message: RegExp) {
    const rows = times.map((time, at) => `${at},1,${time}\n`).join('');

    await t.throwsAsync(readContent(t, `user,item,timestamp\n${rows}`), {
      instanceOf: ColumnError,
      message,
    });
  },
  title: (provided) => `${provided} as times are refused`,
});
test('dates that could be read both ways', refusesTime, ['02/01/2020', '03/01/2020'], /day\/month/);
test('words', refusesTime, ['soon', 'later'], /"soon" in timestamp column.*timestamp: false/);
test(
  'a word after dates',
  refusesTime,
  ['2020-01-01', '2020-01-02', 'soon'],
  /"soon" in timestamp column "timestamp", row 3 \(line 4 of .*expected a time/,
);

const swallows = test.macro({
  async exec(t, lines: readonly string[], count: number, rows: number) {
    const good = Array.from({ length: 20 }, (_, n) => `${n},${n},3`);
    const content = ['user,item,rating', ...good.slice(0, 9), ...lines, ...good.slice(9), ''];

    const ratings = await readContent(t, content.join('\n'), { skipBadRows: true });

    t.is(ratings.byUser.columns.length, rows);
    t.is(ratings.provenance?.skippedRows?.count, count);
    t.is(ratings.provenance?.skippedRows?.first?.line, 11);
  },
  title: (provided) => `bad rows with ${provided} are counted, and no other row goes with them`,
});
test('a mark that is never closed', swallows, ['"77,1,2'], 1, 20);
test('a mark that a later one closes', swallows, ['"77,1,2', '8,9,3', '"78",1,2'], 1, 22);
test('a mark in the last field', swallows, ['77,1,"2', '8,9,3', '78,1,"2"'], 1, 22);
test('bad rows are not left out where good ones may be in quotes', async (t) => {
  const content = `${plain}77,1,"2\n8,9,3\n78,1,"\n${bare}`;

  const error = await t.throwsAsync(readContent(t, content, { skipBadRows: true }), {
    instanceOf: SourceError,
    message: /lines in it that look like rows/,
  });

  t.is((error as SourceError).line, 5);
});
test('quotes over lines that begin after the rows that are looked at are closed', async (t) => {
  const note = `"a\n${'b\n'.repeat(3)}c"`;
  const rows = Array.from({ length: 60_000 }, (_, at) =>
    at > 2000 && at % 3 > 0 ? `1,${at},${note}` : `1,${at},none`,
  );

  const ratings = await readContent(t, `user,item,note\n${rows.join('\n')}\n`);

  t.is(ratings.byUser.columns.length, 60_000);
});
test('quotes over lines that end after the sampled beginning are closed', async (t) => {
  const note = 'a note\n'.repeat(40_000);

  const ratings = await readContent(
    t,
    `user,item,rating,note\n1,2,3,x\n1,3,4,"${note}"\n2,2,5,y\n`,
  );

  t.deepEqual<unknown, unknown>(triplesByUser(ratings), three);
});
