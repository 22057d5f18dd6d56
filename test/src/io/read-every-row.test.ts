import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { ColumnError, InvalidOptionError, SeesawError, SourceError } from '../../../src/errors.js';
import { openDatabase } from '../../../src/io/duckdb.js';
import type { ReadOptions } from '../../../src/io/read-options.js';
import { readRatings } from '../../../src/io/read-ratings.js';
import type { Ratings } from '../../../src/ratings/ratings.js';
import { timesByUser, triplesByUser } from '../../helpers/builders/rating-triples.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';

type Content = string | Uint8Array;

async function read(
  t: ExecutionContext,
  content: Content,
  options?: ReadOptions,
  name = 'ratings.csv',
): Promise<Ratings> {
  const file = join(await scratchFolder(t), name);
  await writeFile(file, content);
  return readRatings({ files: file }, options);
}

const reads = test.macro({
  async exec(t, content: Content, expected: unknown[], options?: ReadOptions, name?: string) {
    const ratings = await read(t, content, options, name);

    t.deepEqual<unknown, unknown>(triplesByUser(ratings), expected);
  },
  title: (provided) => `reads ${provided}`,
});
const three = [
  [1, 2, 3],
  [1, 3, 4],
  [2, 2, 5],
];
const plain = 'user,item,rating\n1,2,3\n1,3,4\n2,2,5\n';
const bare = plain.slice(plain.indexOf('\n') + 1);
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
test('Latin-1 by option', reads, latin, [['José', 'café', 1]], { encoding: 'latin1' });
test('Latin-1 in gzip', reads, gzipSync(latin), [['José', 'café', 1]], { encoding: 'latin-1' });
test('UTF-16 with its byte order mark', reads, Buffer.from(`\ufeff${plain}`, 'utf16le'), three);
test('UTF-16 by option', reads, Buffer.from(plain, 'utf16le'), three, { encoding: 'utf-16le' });
test('gzip without its ending', reads, gzipSync(plain), three);
test('two gzip files in one', reads, Buffer.concat([gzipSync(plain), gzipSync(bare)]), [...three]);
const upper = '550E8400-E29B-41D4-A716-446655440000';
test(
  'JSON texts like UUIDs and dates as they stand',
  reads,
  `{"user":"${upper}","item":"2024-01-01"}\n{"user":"${upper.toLowerCase()}","item":"2024-1-1"}\n`,
  [
    [upper, '2024-01-01', 1],
    [upper.toLowerCase(), '2024-1-1', 1],
  ],
  { duplicates: 'error' },
  'a.ndjson',
);
test(
  'JSON texts of digits as texts',
  reads,
  '[{"user":"1","item":"02"},{"user":"2","item":"2"}]',
  [
    ['1', '02', 1],
    ['2', '2', 1],
  ],
  {},
  'a.json',
);

const refuses = test.macro({
  async exec(t, content: Content, line: number, message: RegExp, options?: ReadOptions) {
    const error = await t.throwsAsync(read(t, content, options), { instanceOf: SourceError });

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

const refusesCut = test.macro({
  async exec(t, format: string, cut: (whole: Buffer) => Buffer) {
    const file = join(await scratchFolder(t), `ratings.csv.${format === 'gzip' ? 'gz' : 'zst'}`);
    const database = await openDatabase();
    t.teardown(() => database.close());
    await database.run(
      "COPY (SELECT range % 99 AS user, range AS item, 'a' AS note FROM range(300000)) " +
        `TO '${file}' (FORMAT csv, COMPRESSION ${format})`,
    );
    const { readFile } = await import('node:fs/promises');
    await writeFile(file, cut(await readFile(file)));

    await t.throwsAsync(readRatings({ files: file }), {
      instanceOf: SourceError,
      message: /damaged or cut off/,
    });
  },
  title: (provided, format) => `${format} ${provided} is refused`,
});
for (const format of ['gzip', 'zstd']) {
  test('that is cut in half', refusesCut, format, (whole) => whole.subarray(0, whole.length >> 1));
  test('without its last bytes', refusesCut, format, (whole) => whole.subarray(0, -2));
}
test('with another byte', refusesCut, 'gzip', (whole) => {
  whole[whole.length - 6]! ^= 1;
  return whole;
});

test('a part without the header of the first is named', async (t) => {
  const folder = await scratchFolder(t);
  await writeFile(join(folder, 'part-0.csv'), plain);
  await writeFile(join(folder, 'part-1.csv'), '5,2,3\n6,3,4\n');

  await t.throwsAsync(readRatings({ files: join(folder, 'part-*.csv') }), {
    instanceOf: SourceError,
    message: /no header in line 1 of .*part-1\.csv \("5,2,3"\); expected user,item,rating/,
  });
});

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
  const { provenance } = await read(t, plain, { skipBadRows: true });

  t.deepEqual(provenance?.skippedRows, { count: 0, first: undefined });
});

const day = 1_577_923_200;
const late = (last: string) =>
  `user,item,rating,timestamp\n${'1,2,1,2020-01-01\n'.repeat(20_481)}${last}`;

test('a date with a time after 20,481 dates is read to the second', async (t) => {
  const ratings = await read(t, late('9,9,1,2020-01-02 13:45:10\n'));

  t.deepEqual(timesByUser(ratings).at(-1), [9, 9, 1_577_972_710]);
});

test('a condition sees a fraction after 20,481 whole numbers', async (t) => {
  const content = late('9,9,0.25,2020-01-01\n');

  const ratings = await read(t, content, { where: 'rating > 0 AND rating < 1' });

  t.deepEqual(triplesByUser(ratings), [[9, 9, 0.25]]);
});

test('a condition sees a fraction after 20,481 whole numbers of JSON', async (t) => {
  const rows = '{"user":1,"item":2,"rating":1}\n'.repeat(20_481);

  const ratings = await read(
    t,
    `${rows}{"user":9,"item":9,"rating":0.25}\n`,
    { where: 'rating < 1' },
    'a.ndjson',
  );

  t.deepEqual(triplesByUser(ratings), [[9, 9, 0.25]]);
});

test('a condition on times with a zone means the same everywhere', async (t) => {
  const content = 'user,item,moment\n1,1,2020-01-01T00:30:00+01:00\n2,2,2020-01-01T00:30:00Z\n';

  const ratings = await read(t, content, { where: "moment >= TIMESTAMPTZ '2020-01-01 00:00:00'" });

  t.deepEqual(triplesByUser(ratings), [[2, 2, 1]]);
});

test('times of JSON with a zone are read and compared so', async (t) => {
  const content =
    '{"user":1,"item":1,"timestamp":"2020-01-02T00:30:00+01:00"}\n' +
    '{"user":2,"item":2,"timestamp":"2020-01-02T00:00:01Z"}\n';
  const name = 'a.ndjson';

  const all = await read(t, content, {}, name);
  const later = await read(
    t,
    content,
    { where: "timestamp::TIMESTAMPTZ > TIMESTAMPTZ '2020-01-02'" },
    name,
  );

  t.deepEqual(
    timesByUser(all).map(([, , time]) => time),
    [day - 1800, day + 1],
  );
  t.deepEqual(triplesByUser(later), [[2, 2, 1]]);
});

const dates = test.macro({
  async exec(t, times: readonly string[], expected: readonly number[]) {
    const rows = times.map((time, at) => `${at},1,"${time}"\n`).join('');

    const ratings = await read(t, `user,item,timestamp\n${rows}`);

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

    await t.throwsAsync(read(t, `user,item,timestamp\n${rows}`), {
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

test('ratings know which columns they were read from', async (t) => {
  const content = 'title,User-ID,ISBN,Book-Rating\nx,1,034545104X,5\n';

  const { provenance } = await read(t, content);

  t.deepEqual(provenance, {
    columns: { user: 'User-ID', item: 'ISBN', rating: 'Book-Rating', unread: ['title'] },
  });
});

const foreign = test.macro({
  async exec(t, name: string, begin: string, message: RegExp) {
    const content = Buffer.from(begin + '\0'.repeat(300), 'latin1');

    await t.throwsAsync(read(t, content, {}, name), { instanceOf: SourceError, message });
  },
  title: (_, name) => `${name} is refused with a way out`,
});
test(foreign, 'r.zip', 'PK\x03\x04', /ZIP.*unzip -p .*r\.zip \| npx seesaw train -/);
test(foreign, 'r.xlsx', 'PK\x03\x04', /Excel.*CSV UTF-8/);
test(foreign, 'r.csv.bz2', 'BZh91AY', /bzip2.*bzcat/);
test(foreign, 'r.csv.xz', '\xfd7zXZ\0', /xzcat/);
test(foreign, 'r.html', '<!DOCTYPE html>', /web page/);

test('an address of another machine is refused with a way out', async (t) => {
  for (const files of ['https://example.com/r.csv', new URL('https://example.com/r.csv')]) {
    await t.throwsAsync(readRatings({ files }), {
      instanceOf: InvalidOptionError,
      message: /example\.com.*network: true/,
    });
  }
});

test('a file: URL is a path', async (t) => {
  const file = join(await scratchFolder(t), 'a b.csv');
  await writeFile(file, plain);

  for (const files of [pathToFileURL(file), pathToFileURL(file).href]) {
    t.deepEqual<unknown, unknown>(triplesByUser(await readRatings({ files })), three);
  }
});

test('a folder that Spark wrote stands for its parts', async (t) => {
  const folder = await scratchFolder(t);
  await writeFile(join(folder, 'part-00000-x.csv'), plain);
  await writeFile(join(folder, 'part-00001-x.csv'), 'user,item,rating\n9,9,1\n');
  await writeFile(join(folder, 'part-00002-x.csv'), '');
  await writeFile(join(folder, '_SUCCESS'), '');

  const ratings = await readRatings({ files: folder });

  t.deepEqual<unknown, unknown>(triplesByUser(ratings), [...three, [9, 9, 1]]);
});

test('folders with columns in their names are read when asked', async (t) => {
  const folder = await scratchFolder(t);
  for (const [year, row] of [
    ['2020', '1,2,3'],
    ['2021', '9,9,1'],
  ]) {
    await mkdir(join(folder, `year=${year}`));
    await writeFile(join(folder, `year=${year}`, 'a.csv'), `user,item,rating\n${row}\n`);
  }

  const ratings = await readRatings({ files: folder }, { hive: true, where: 'year > 2020' });

  t.deepEqual(triplesByUser(ratings), [[9, 9, 1]]);
  t.deepEqual(ratings.provenance?.columns.unread, ['year']);
  await t.throwsAsync(readRatings({ files: folder }), { message: /hive: true/ });
});

const swallows = test.macro({
  async exec(t, lines: readonly string[], count: number, rows: number) {
    const good = Array.from({ length: 20 }, (_, n) => `${n},${n},3`);
    const content = ['user,item,rating', ...good.slice(0, 9), ...lines, ...good.slice(9), ''];

    const ratings = await read(t, content.join('\n'), { skipBadRows: true });

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

  const error = await t.throwsAsync(read(t, content, { skipBadRows: true }), {
    instanceOf: SourceError,
    message: /lines in it that look like rows/,
  });

  t.is((error as SourceError).line, 5);
});

const copyOptions = {
  csv: 'FORMAT csv',
  ndjson: 'FORMAT json',
  json: 'FORMAT json, ARRAY true',
  parquet: 'FORMAT parquet',
};

/** Writes what a query gives as a file. */
async function writeTable(path: string, query: string): Promise<void> {
  const database = await openDatabase();
  const format = copyOptions[path.split('.').at(-1) as keyof typeof copyOptions];
  await database.run(`COPY (${query}) TO '${path}' (${format})`);
  await database.close();
}

for (const format of ['csv', 'json', 'ndjson', 'parquet']) {
  test(`folders name columns of ${format} with values as they stand`, async (t) => {
    const folder = await scratchFolder(t);
    for (const user of ['007', 'x y']) {
      await mkdir(join(folder, `user=${user}`));
      await writeTable(
        join(folder, `user=${user}`, `a.${format}`),
        'SELECT 1 AS item, 2 AS rating',
      );
    }

    const ratings = await readRatings({ files: folder }, { hive: true });
    const one = await readRatings({ files: folder }, { hive: true, where: `"user" = 'x y'` });

    t.deepEqual<unknown, unknown>(triplesByUser(ratings), [
      ['007', 1, 2],
      ['x y', 1, 2],
    ]);
    t.deepEqual<unknown, unknown>(triplesByUser(one), [['x y', 1, 2]]);
  });
}

const namesRow = test.macro({
  async exec(t, format: string, bad: string, message: RegExp) {
    const folder = await scratchFolder(t);
    const files = ['a', 'b'].map((name) => join(folder, `${name}.${format}`));
    const row = (more: string) => `SELECT 'ann' AS "user", 'tea' AS item, '3' AS rating ${more}`;
    await writeTable(files[0]!, row(''));
    await writeTable(files[1]!, `${row('')} UNION ALL SELECT ${bad}`);

    const error = await t.throwsAsync(readRatings({ files }), { message });

    t.true(error instanceof SeesawError);
  },
  title: (_, format, bad) => `an error of ${format} names the row of the file: ${bad}`,
});
for (const [format, place] of [
  ['parquet', 'row 2 of \\S*b\\.parquet'],
  ['json', 'row 2 of \\S*b\\.json'],
  ['ndjson', 'line 2 of \\S*b\\.ndjson'],
]) {
  test(
    namesRow,
    format!,
    "'bob', 'tea', 'x'",
    new RegExp(`"x" in rating column "rating".*${place}`),
  );
  test(
    namesRow,
    format!,
    "'bob', NULL, '3'",
    new RegExp(`without an item in column "item".*${place}`),
  );
}

const namesLine = test.macro({
  async exec(t, name: string, bad: string | Buffer, found: RegExp) {
    const path = join(await scratchFolder(t), name);
    const good = '{"user":1,"item":2}';
    const parts = name.endsWith('.json')
      ? [`[\n${good},\n`, bad, `,\n${good}]`]
      : [`${good}\n\n`, bad, `\n${good}\n`];
    const bytes = Buffer.concat(parts.map((part) => Buffer.from(part)));
    await writeFile(path, name.endsWith('.gz') ? gzipSync(bytes) : bytes);

    const error = await t.throwsAsync(readRatings({ files: path }), {
      instanceOf: SourceError,
      code: 'ERR_BAD_LINE',
      message: found,
    });

    t.is((error as SourceError).line, 3);
    t.true(error!.message.includes(`line 3 of ${path}`));
  },
  title: (_, name, bad) => `${name} is refused with the line: ${bad}`,
});
for (const name of ['a.ndjson', 'a.jsonl.gz', 'a.json']) {
  test(namesLine, name, '{"user":1,"item":', /is no JSON/);
  test(namesLine, name, 'export interrupted', /is no JSON \("export interrupted"\)/);
  test(namesLine, name, '[1, 2]', /is no object \("\[1, 2\]"\)/);
  test(namesLine, name, Buffer.from('{"user":1,"item":"\xe9"}', 'latin1'), /is not utf-8 encoded/);
}

test('a damaged Parquet file is refused by its name and column', async (t) => {
  const folder = await scratchFolder(t);
  const files = ['a', 'b'].map((name) => join(folder, `${name}.parquet`));
  for (const file of files) {
    await writeTable(file, 'SELECT range AS "user", hash(range) AS item FROM range(1000)');
  }
  const bytes = await readFile(files[1]!);
  await writeFile(files[1]!, bytes.fill(0xff, 4, 400));

  const error = await t.throwsAsync(readRatings({ files }), { instanceOf: SourceError });

  t.true(error!.message.includes(`column "user" of ${files[1]} damaged`), error!.message);
});

test('quotes over lines that begin after the rows that are looked at are closed', async (t) => {
  const note = `"a\n${'b\n'.repeat(3)}c"`;
  const rows = Array.from({ length: 60_000 }, (_, at) =>
    at > 2000 && at % 3 > 0 ? `1,${at},${note}` : `1,${at},none`,
  );

  const ratings = await read(t, `user,item,note\n${rows.join('\n')}\n`);

  t.is(ratings.byUser.columns.length, 60_000);
});

test('a folder that is called as a column in its files is refused', async (t) => {
  for (const name of ['a.csv', 'a.ndjson', 'a.json', 'a.parquet']) {
    const folder = await scratchFolder(t);
    await mkdir(join(folder, 'user=7'));
    await writeTable(join(folder, 'user=7', name), 'SELECT 1 AS "User", 2 AS item');

    await t.throwsAsync(readRatings({ files: folder }, { hive: true }), {
      instanceOf: InvalidOptionError,
      message: /column "[uU]ser" in files/,
    });
  }
});

test('quotes over lines that end after the sampled beginning are closed', async (t) => {
  const note = 'a note\n'.repeat(40_000);

  const ratings = await read(t, `user,item,rating,note\n1,2,3,x\n1,3,4,"${note}"\n2,2,5,y\n`);

  t.deepEqual<unknown, unknown>(triplesByUser(ratings), three);
});
