import test from 'ava';
import {
  DuplicateRatingError,
  InvalidOptionError,
  MissingRatingsError,
} from '../../../src/errors.js';
import { describeRatings } from '../../../src/io/describe-ratings.js';
import { openDatabase } from '../../../src/io/duckdb.js';
import type { ReadOptions } from '../../../src/io/read-options.js';
import { readRatings } from '../../../src/io/read-ratings.js';
import type { Source } from '../../../src/io/relation.js';
import { chooseKernel } from '../../../src/kernels/select/choose-kernel.js';
import { fingerprintRatings } from '../../../src/ratings/fingerprint.js';
import type { RatingsOutline } from '../../../src/ratings/ratings.js';
import type { SparseRows } from '../../../src/ratings/sparse-rows.js';
import { createJob } from '../../../src/training/job.js';
import { settingsAsInPaper } from '../../helpers/builders/as-in-paper.js';
import { type IdStyle, ratingFile } from '../../helpers/builders/rating-files.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';

const describesWhatIsRead = test.macro({
  async exec(t, format: 'csv' | 'parquet', ids: IdStyle, options: ReadOptions) {
    const { path } = await ratingFile(t, format, ids);

    const described = await describeRatings({ files: path }, options);
    const read = await readRatings({ files: path }, options);

    t.deepEqual(outlineOf(described), outlineOf(read));
    t.is(described.described.fingerprint, await fingerprintRatings(read));
    t.is(described.described.negative, undefined);
    t.true(options.duplicates === 'error' || read.duplicates.count > 0);
  },
  title: (_, format, ids, options) =>
    `a description tells of ${format} with ids that are ${ids} what reading it does: ${JSON.stringify(options)}`,
});
test(describesWhatIsRead, 'csv', 'numbers', {});
test(describesWhatIsRead, 'csv', 'words', { timestamp: false });
test(describesWhatIsRead, 'parquet', 'numbers', { duplicates: 'sum' });
test(describesWhatIsRead, 'parquet', 'words', { duplicates: 'mean', where: 'rating > 1.5' });
test(describesWhatIsRead, 'csv', 'numbers', {
  duplicates: 'max',
  user: 'item_id',
  item: 'user_id',
});

for (const [what, columns, folderOrQuery] of [
  ['several files of Parquet', '{user} AS user_id, item % 5 AS item_id', '{folder}/*.parquet'],
  [
    'Parquet with columns of names of DuckDB’s',
    'item AS file_row_number, {user} AS user_id, item % 5 AS item_id',
    '{folder}/*.parquet',
  ],
  [
    'ids that Parquet does not hold',
    '{user} AS user_id, item % 5 AS item_id',
    "SELECT user_id + 1000000000000000000000::HUGEINT AS user_id, item_id, rating FROM '{folder}/*.parquet'",
  ],
] as const) {
  test(`the order of all rows decides between duplicates: ${what}`, async (t) => {
    const folder = await scratchFolder(t);
    const database = await openDatabase();
    for (const at of [0, 1, 2]) {
      const selected = columns.replace('{user}', `(item + ${at}) % 7`);
      await database.run(
        `COPY (SELECT ${selected}, ${at} * 100 + item AS rating FROM range(60) t(item)) ` +
          `TO '${folder}/${at}.parquet' (FORMAT parquet)`,
      );
    }
    await database.close();
    const place = folderOrQuery.replace('{folder}', folder);
    const source = place.startsWith('SELECT') ? { sql: place } : { files: place };

    const described = await describeRatings(source);
    const read = await readRatings(source);

    t.true(read.duplicates.count > 100);
    t.is(described.described.fingerprint, await fingerprintRatings(read));
  });
}

test('a job of described ratings is that of read ones, without room for them', async (t) => {
  const { path } = await ratingFile(t, 'csv', 'words');
  const settings = settingsAsInPaper({ rank: 4, feedback: 'explicit', blocks: 3 });
  const kernel = chooseKernel('auto');
  const ratings = await describeRatings({ files: path });
  const read = await readRatings({ files: path });
  const { usedBytes } = ratings.arena;

  const job = createJob({ ratings, kernel, settings, slots: 1 });
  const expected = createJob({ ratings: read, kernel, settings, slots: 1 });

  t.is(job.layout.weighting.offset, expected.layout.weighting.offset);
  t.deepEqual(job.layout.user.blockStarts, expected.layout.user.blockStarts);
  t.deepEqual(job.layout.item.blockStarts, expected.layout.item.blockStarts);
  t.is(job.layout.source, ratings.described.source);
  t.is(expected.layout.source, undefined);
  job.release();
  t.is(ratings.arena.usedBytes, usedBytes);
});

test('reading the entries of described ratings is an error', async (t) => {
  const { path } = await ratingFile(t, 'csv', 'numbers');

  const { byUser } = await describeRatings({ files: path });

  t.throws(() => (byUser as SparseRows).columns, {
    instanceOf: MissingRatingsError,
    code: 'ERR_MISSING_RATINGS',
  });
});

test('a description knows the first negative rating', async (t) => {
  const query = 'SELECT 1 AS "user", unnest([1, 2, 3]) AS item, unnest([3, -2, -5]) AS rating';

  const { described } = await describeRatings({ sql: query });

  t.is(described.negative, -2);
});

test('a description refuses duplicates with duplicates: error', async (t) => {
  const { path } = await ratingFile(t, 'csv', 'numbers');
  const source: Source = { files: path };
  const read = await t.throwsAsync(readRatings(source, { duplicates: 'error' }));

  const error = await t.throwsAsync(describeRatings(source, { duplicates: 'error' }), {
    instanceOf: DuplicateRatingError,
  });

  t.is(error!.message, read!.message);
});

test('files that have no path cannot be read by workers', async (t) => {
  await t.throwsAsync(describeRatings({ files: 'https://example.com/ratings.csv' }), {
    instanceOf: InvalidOptionError,
    message: /^found readBy/,
  });
});

function outlineOf({ byUser, byItem, users, items, duplicates }: RatingsOutline): unknown {
  const lengthsOf = ({ rowCount, columnCount, offsets }: RatingsOutline['byUser']) => ({
    ...{ rowCount, columnCount },
    offsets: Array.from(offsets),
  });
  const namesOf = ({ ids, positions }: RatingsOutline['users']) => ({
    ids: Array.from({ length: ids.size }, (_, at) => ids.at(at)),
    positions: Array.from(positions),
  });
  return {
    ...{ byUser: lengthsOf(byUser), byItem: lengthsOf(byItem), duplicates },
    ...{ users: namesOf(users), items: namesOf(items) },
  };
}
