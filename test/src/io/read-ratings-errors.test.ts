import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import {
  ColumnError,
  DuplicateRatingError,
  InvalidIdError,
  InvalidOptionError,
  InvalidRatingError,
  SourceError,
  TooFewRatingsError,
} from '../../../src/errors.js';
import type { ReadOptions } from '../../../src/io/read-options.js';
import { readRatings } from '../../../src/io/read-ratings.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';

type ErrorClass = new (...args: never[]) => Error;

const refusesFile = test.macro({
  async exec(
    t,
    content: string | Uint8Array,
    instanceOf: ErrorClass,
    code: string,
    message: RegExp,
    name: string = 'ratings.csv',
    options: ReadOptions = {},
  ) {
    const file = join(await scratchFolder(t), name);
    await writeFile(file, content);

    await t.throwsAsync(readRatings({ files: file }, options), { instanceOf, code, message });
  },
  title: (provided) => `${provided} is refused`,
});

test('an empty file', refusesFile, '', SourceError, 'ERR_EMPTY_FILE', /no rows in .*ratings\.csv/);
test(
  'an empty compressed file',
  refusesFile,
  gzipSync(''),
  SourceError,
  'ERR_EMPTY_FILE',
  /no rows/,
  'a.csv.gz',
);
test(
  'a file with a header only',
  refusesFile,
  'user_id,item_id,rating\n',
  SourceError,
  'ERR_EMPTY_FILE',
  /no rows/,
);
test(
  'text where a rating would be in ratings.dat',
  refusesFile,
  '1::31::3::881250949\n1::4::good::881250950\n',
  ColumnError,
  'ERR_COLUMN_NOT_FOUND',
  /"column2" \(VARCHAR\)/,
  'ratings.dat',
);
test(
  'a later row of ratings.dat with text for a rating',
  refusesFile,
  `${'1::31::3::881250949\n'.repeat(30_000)}1::4::good::881250950\n`,
  ColumnError,
  'ERR_COLUMN_TYPE',
  /"good" in rating column "column2"/,
  'ratings.dat',
);
test('an empty JSON array', refusesFile, '[]', SourceError, 'ERR_EMPTY_FILE', /no rows/, 'a.json');
test(
  'a Parquet file that is none',
  refusesFile,
  'PAR1 nonsense',
  SourceError,
  'ERR_UNREADABLE_SOURCE',
  /magic bytes/,
  'a.parquet',
);
test(
  'JSON that ends too early',
  refusesFile,
  '[{"user_id": 1',
  SourceError,
  'ERR_BAD_LINE',
  /JSON/,
  'a.json',
);
test(
  'text that is not UTF-8',
  refusesFile,
  Buffer.from('user_id,item_id\ncaf\xe9,2\n', 'latin1'),
  SourceError,
  'ERR_UNREADABLE_SOURCE',
  /not utf-8/,
);
test(
  'text in the rating column',
  refusesFile,
  'user_id,item_id,rating\n1,2,3\n4,5,good\n',
  ColumnError,
  'ERR_COLUMN_TYPE',
  /"good" in rating column "rating", row 2/,
);
test(
  'a NaN rating',
  refusesFile,
  'user_id,item_id,rating\n1,2,3\n4,5,nan\n',
  InvalidRatingError,
  'ERR_INVALID_RATING',
  /rating nan .* row 2/,
);
test(
  'an infinite rating',
  refusesFile,
  'user_id,item_id,rating\n1,2,-inf\n',
  InvalidRatingError,
  'ERR_INVALID_RATING',
  /rating -inf .* row 1/,
);
test(
  'a rating beyond float32',
  refusesFile,
  'user_id,item_id,rating\n1,2,1e300\n',
  InvalidRatingError,
  'ERR_INVALID_RATING',
  /rating 1e300/,
);
test(
  'a missing rating',
  refusesFile,
  'user_id,item_id,rating\n1,2,3\n1,3,\n',
  InvalidRatingError,
  'ERR_INVALID_RATING',
  /no value .* row 2/,
);
test(
  'a missing user',
  refusesFile,
  'user_id,item_id,rating\n1,2,3\n,3,4\n,4,4\n',
  InvalidIdError,
  'ERR_INVALID_ID',
  /2 rows without a user in column "user_id"/,
);
test(
  'a missing item',
  refusesFile,
  'user_id,item_id,rating\n1,2,3\n1,,4\n',
  InvalidIdError,
  'ERR_INVALID_ID',
  /1 row without an item/,
);
test(
  'a file of rows with too few fields',
  refusesFile,
  'user_id,item_id,rating\n1,2,3\n4,5\n',
  SourceError,
  'ERR_BAD_LINE',
  /line 3 of .* has 2 fields \("4,5"\); expected 3, as many fields as the header/,
);
test(
  'a file about items',
  refusesFile,
  'movieId,title\n1,Heat\n',
  ColumnError,
  'ERR_COLUMN_NOT_FOUND',
  /for the user among "movieId"/,
);
test(
  'a late value that where cannot cast',
  refusesFile,
  `user_id,item_id\n${'1,2\n'.repeat(30_000)}abc,2\n`,
  ColumnError,
  'ERR_COLUMN_TYPE',
  /abc/,
  'a.csv',
  { where: 'user_id > 0' },
);

test(
  'a first row that is longer than what is sampled',
  refusesFile,
  `user,item,rating\n${'a'.repeat(300_000)},x,1\nb,y,2\n`,
  SourceError,
  'ERR_BAD_LINE',
  /line 2 of .*ratings\.csv has more than 262,126 bytes \("a+…"\); expected shorter lines/,
);
test(
  'a later row that is longer than DuckDB reads',
  refusesFile,
  `user,item,rating\nb,y,2\n${'a'.repeat(2 ** 21)},x,1\n`,
  SourceError,
  'ERR_BAD_LINE',
  /line 3 of .*ratings\.csv has more than 2,097,152 bytes/,
);
test(
  'lists in the place of JSON objects',
  refusesFile,
  '[[1, 2], [1, 3]]',
  SourceError,
  'ERR_BAD_LINE',
  /line 1 of .* is no object \("\[1, 2\]"\)/,
  'a.json',
);
test(
  'ratings within a JSON object',
  refusesFile,
  '{"ratings":[{"user":1,"item":2}]}',
  ColumnError,
  'ERR_COLUMN_TYPE',
  /unnest\("ratings", recursive := true\)/,
  'a.json',
);
test('a missing file is refused', async (t) => {
  const file = join(await scratchFolder(t), 'none.csv');

  const code = 'ERR_FILE_NOT_FOUND';
  await t.throwsAsync(readRatings({ files: file }), { instanceOf: SourceError, code });
  await t.throwsAsync(readRatings({ files: `${file}*` }), { instanceOf: SourceError, code });
});

test('a directory is refused, and a pattern suggested', async (t) => {
  await t.throwsAsync(readRatings({ files: await scratchFolder(t) }), {
    instanceOf: SourceError,
    code: 'ERR_IS_DIRECTORY',
    message: /try a pattern such as .*\*\.csv/,
  });
});

const refusesQuery = test.macro({
  async exec(t, sql: string, options: object, instanceOf: ErrorClass, message: RegExp) {
    await t.throwsAsync(readRatings({ sql }, options), { instanceOf, message });
  },
  title: (provided) => `${provided} is refused`,
});
const query = 'SELECT 1 AS user_id, 2 AS item_id, 3 AS rating, [1] AS tags, 1.5 AS half';

test('broken SQL', refusesQuery, 'SELEC 1', {}, SourceError, /Parser Error/);
test('an unknown table', refusesQuery, 'SELECT * FROM nothing', {}, SourceError, /nothing/);
test(
  'a statement that selects nothing',
  refusesQuery,
  'CREATE TABLE x (y INTEGER)',
  {},
  SourceError,
  /syntax/,
);
test('a blank query', refusesQuery, ' ', {}, InvalidOptionError, /SELECT/);
test(
  'a column that is not there',
  refusesQuery,
  query,
  { user: 'user_di' },
  ColumnError,
  /"user_id" \(INTEGER\).*try "user_id"/,
);
test(
  'a list as rating',
  refusesQuery,
  query,
  { rating: 'tags' },
  ColumnError,
  /found INTEGER\[\] in rating column "tags"/,
);
test(
  'fractions as ids',
  refusesQuery,
  query,
  { user: 'half' },
  ColumnError,
  /found DECIMAL\(2,1\) in user column "half"/,
);
test(
  'a list as timestamp',
  refusesQuery,
  query,
  { timestamp: 'tags' },
  ColumnError,
  /timestamp column "tags"/,
);
test(
  'a column for two roles',
  refusesQuery,
  query,
  { user: 'item_id', item: 'item_id' },
  InvalidOptionError,
  /option item/,
);
test(
  'a broken condition',
  refusesQuery,
  query,
  { where: 'rating >' },
  InvalidOptionError,
  /option where/,
);
test(
  'a condition on no column',
  refusesQuery,
  query,
  { where: 'stars > 1' },
  InvalidOptionError,
  /stars/,
);
test(
  'a condition that nothing meets',
  refusesQuery,
  query,
  { where: 'rating > 3' },
  TooFewRatingsError,
  /0 ratings/,
);
test(
  'an unknown option',
  refusesQuery,
  query,
  { users: 'user_id' },
  InvalidOptionError,
  /option users/,
);
test('an empty name', refusesQuery, query, { user: '' }, InvalidOptionError, /name of a column/);
test(
  'an unknown policy',
  refusesQuery,
  query,
  { duplicates: 'first' },
  InvalidOptionError,
  /duplicates/,
);
test(
  'a duplicate under error',
  refusesQuery,
  `${query} UNION ALL ${query}`,
  { duplicates: 'error' },
  DuplicateRatingError,
  /user 1, item 2/,
);

test('files of two formats and no files at all are refused', async (t) => {
  const folder = await scratchFolder(t);
  const files = [join(folder, 'a.csv'), join(folder, 'b.json')];
  for (const file of files) await writeFile(file, 'x');

  await t.throwsAsync(readRatings({ files }), { instanceOf: InvalidOptionError });
  await t.throwsAsync(readRatings({ files: [] }), { instanceOf: InvalidOptionError });
});
