import { appendFile, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { InvalidOptionError, SourceError } from '../../../src/errors.js';
import { describeRatings } from '../../../src/io/describe-ratings.js';
import { openRatingsReader } from '../../../src/io/ratings-reader.js';
import type { ReadOptions } from '../../../src/io/read-options.js';
import { readRatings } from '../../../src/io/read-ratings.js';
import type { RatingsSource } from '../../../src/ratings/described-ratings.js';
import { rowsOf } from '../../../src/ratings/ratings.js';
import type { SparseRows } from '../../../src/ratings/sparse-rows.js';
import { type IdStyle, ratingFile } from '../../helpers/builders/rating-files.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';

const givesRows = test.macro({
  async exec(t, format: 'csv' | 'parquet' | 'sql', ids: IdStyle, options: ReadOptions) {
    const { folder, path } = await ratingFile(t, format === 'sql' ? 'parquet' : format, ids);
    const source = format === 'sql' ? { sql: `FROM '${path}'` } : { files: path };
    const read = await readRatings(source, options);
    const { described } = await describeRatings(source, options);
    const reader = await openRatingsReader(described.source, [folder], 1);
    t.teardown(() => reader.close());

    for (const side of ['user', 'item'] as const) {
      const all = rowsOf(read, side);
      const middle = Math.floor(all.rowCount / 3);
      for (const [first, end] of [
        [0, middle],
        [middle, middle + 1],
        [middle + 1, all.rowCount],
      ] as const) {
        const rows = await reader.rows(side, first, end);

        t.deepEqual(rows, partOf(all, first, end), `${side} rows ${first} to ${end}`);
      }
    }
  },
  title: (_, format, ids, options) =>
    `a reader of ${format} with ids that are ${ids} has the rows that reading it gives: ${JSON.stringify(options)}`,
});
test(givesRows, 'csv', 'numbers', {});
test(givesRows, 'csv', 'words', { timestamp: false });
test(givesRows, 'parquet', 'numbers', { duplicates: 'sum' });
test(givesRows, 'parquet', 'words', { duplicates: 'mean', where: 'rating > 1.5' });
test(givesRows, 'sql', 'words', {});
test(givesRows, 'sql', 'numbers', { duplicates: 'max', timestamp: false });

const copied = test.macro({
  async exec(t, content: Buffer, options: ReadOptions) {
    const folder = await scratchFolder(t);
    const path = join(folder, 'ratings.csv');
    await writeFile(path, content);
    const before = await ownFolders();
    const read = await readRatings({ files: path }, options);
    const { described } = await describeRatings({ files: path }, options);
    const reader = await openRatingsReader(described.source, [folder], 1);
    t.teardown(() => reader.close());

    const rows = await reader.rows('user', 0, read.byUser.rowCount);

    t.deepEqual(rows, partOf(read.byUser, 0, read.byUser.rowCount));
    const own = (await ownFolders()).filter((name) => !before.includes(name));
    t.true(own.length > 0);
    for (const name of own) t.is((await stat(join(tmpdir(), name))).mode & 0o077, 0);
    await reader.close();
    const left = await ownFolders();
    t.deepEqual(
      own.filter((name) => left.includes(name)),
      [],
    );
  },
  title: (what) => `a reader reads ${what} from a private copy that goes with it`,
});
test.serial(
  'a file whose bad rows are left out',
  copied,
  Buffer.from('user,item\n1,2\nbad\n2,2\n2,1\n'),
  { skipBadRows: true },
);
test.serial('text in another encoding', copied, Buffer.from('user,item\ncaf\xe9,1\n', 'latin1'), {
  encoding: 'latin1',
});

/** Names of the folders that databases of this process have. */
async function ownFolders(): Promise<string[]> {
  const names = await readdir(tmpdir());
  return names.filter((name) => new RegExp(`^seesaw-spill-.*-${process.pid}-`).test(name));
}

test('a file that has changed is not the one that was described', async (t) => {
  const { folder, path } = await ratingFile(t, 'csv', 'numbers');
  const { described } = await describeRatings({ files: path });
  await appendFile(path, '7,7,1,1\n');
  const reader = await openRatingsReader(described.source, [folder]);
  t.teardown(() => reader.close());

  const error = await t.throwsAsync(reader.rows('user', 0, 1), {
    instanceOf: SourceError,
    code: 'ERR_DIFFERENT_SOURCE',
  });

  t.regex(error!.message, /found 401 rows in .*expected 400, as were found there before/);
});

test('a file with as many other ratings is not the one that was described', async (t) => {
  const { folder, path } = await ratingFile(t, 'csv', 'numbers');
  const { described } = await describeRatings({ files: path });
  await writeFile(path, (await readFile(path, 'utf8')).replace(/,1\.5,/, ',1.6,'));
  const reader = await openRatingsReader(described.source, [folder]);
  t.teardown(() => reader.close());

  await t.throwsAsync(reader.rows('item', 0, 1), { code: 'ERR_DIFFERENT_SOURCE' });
});

const ratedTwice = [
  { user_id: 1, item_id: 1, rating: 2 },
  { user_id: 1, item_id: 2, rating: 3 },
  { user_id: 1, item_id: 1, rating: 4 },
];

for (const [policy, code] of [
  ['last', 'ERR_DIFFERENT_SOURCE'],
  ['sum', undefined],
] as const) {
  test(`another order of rows counts only where it decides between duplicates: ${policy}`, async (t) => {
    const folder = await scratchFolder(t);
    const path = join(folder, 'ratings.json');
    await writeFile(path, JSON.stringify(ratedTwice));
    const { described } = await describeRatings({ files: path }, { duplicates: policy });
    await writeFile(path, JSON.stringify(ratedTwice.toReversed()));
    const reader = await openRatingsReader(described.source, [folder]);
    t.teardown(() => reader.close());

    const error = await reader.rows('user', 0, 1).then(
      () => undefined,
      (thrown: SourceError) => thrown,
    );

    t.is(error?.code, code);
    if (code !== undefined) t.regex(error!.message, /ORDER BY/);
  });
}

test('closing a reader ends what it reads', async (t) => {
  const { folder, path } = await ratingFile(t, 'csv', 'words');
  const { described } = await describeRatings({ files: path });
  const reader = await openRatingsReader(described.source, [folder]);
  const reading = [reader.rows('user', 0, 5), reader.rows('item', 3, 4)];

  await reader.close();

  const outcomes = await Promise.allSettled(reading);
  t.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
});

test('a missing file is an error at once', async (t) => {
  const { folder, path } = await ratingFile(t, 'csv', 'numbers');
  const { described } = await describeRatings({ files: path });
  const source = { ...described.source, files: [join(folder, 'other.csv')] };

  await t.throwsAsync(openRatingsReader(source, [folder]), {
    instanceOf: SourceError,
    code: 'ERR_FILE_NOT_FOUND',
  });
});

test('files of another version of DuckDB are refused with both versions', async (t) => {
  const { folder, path } = await ratingFile(t, 'csv', 'numbers');
  const { described } = await describeRatings({ files: path });

  await t.throwsAsync(openRatingsReader({ ...described.source, engine: 'v0.1' }, [folder]), {
    code: 'ERR_DIFFERENT_SOURCE',
    message: /^found DuckDB v[\d.]+; expected v0\.1/,
  });
});

const refuses = test.macro({
  async exec(t, settingsOf: (secret: string, folder: string) => Partial<RatingsSource>) {
    const { folder, path } = await ratingFile(t, 'csv', 'numbers');
    const { path: secret } = await ratingFile(t, 'csv', 'numbers', { seed: 2 });
    await symlink(secret, join(folder, 'link.csv'));
    const { described } = await describeRatings({ files: path });
    const source = { ...described.source, files: undefined, ...settingsOf(secret, folder) };

    const error = await t.throwsAsync(async () => {
      const reader = await openRatingsReader(source, [folder]);
      t.teardown(() => reader.close());
      await reader.rows('user', 0, 1);
    });

    t.is((error as SourceError).code, 'ERR_FORBIDDEN_SOURCE', error!.message);
  },
  title: (what) => `a reader refuses ${what}`,
});
test('a file outside its folders', refuses, (secret) => ({ files: [secret] }));
test('a way out of its folders', refuses, (secret, folder) => ({
  files: [join(folder, 'x').replace(/x$/, `../${secret}`)],
}));
test('a link out of its folders', refuses, (_, folder) => ({ files: [join(folder, 'link.csv')] }));
test('a link out of its folders to a file that is to be copied', refuses, (_, folder) => ({
  ...{ files: [join(folder, 'link.csv')], skipBadRows: true },
}));
test('a pattern outside its folders', refuses, () => ({ files: ['/etc/*.conf'] }));
test('the folder beside with a name that begins alike', refuses, (_, folder) => ({
  files: [`${folder}-secret/ratings.csv`],
}));
test('a query of a file outside', refuses, (secret) => ({ sql: `FROM read_csv('${secret}')` }));
test('a query of a text outside', refuses, () => ({
  sql: "SELECT content AS user_id, 1 AS item_id FROM read_text('/etc/hostname')",
}));

test('a reader refuses a condition that reads a file', async (t) => {
  const { folder, path } = await ratingFile(t, 'csv', 'numbers');
  const { described } = await describeRatings({ files: path });
  const where = `user_id IN (SELECT user_id FROM '${path}')`;

  await t.throwsAsync(openRatingsReader({ ...described.source, where }, [folder]), {
    instanceOf: InvalidOptionError,
  });
});

for (const [what, text] of Object.entries({
  'a second statement': (file: string) => `SELECT 1); COPY (SELECT 1) TO '${file}'; FROM (SELECT 1`,
  'a statement that writes': (file: string) => `COPY (SELECT 1) TO '${file}'`,
  'an attached database': (file: string) => `SELECT 1); ATTACH '${file}'; FROM (SELECT 1`,
})) {
  test(`a reader that is asked for ${what} writes nothing`, async (t) => {
    const folder = await scratchFolder(t);
    const { described } = await describeRatings({ sql: 'SELECT 1 AS user_id, 1 AS item_id' });
    const sql = text(join(folder, 'written'));

    await t.throwsAsync(openRatingsReader({ ...described.source, sql }, [folder]), {
      instanceOf: SourceError,
    });
    await t.throwsAsync(
      openRatingsReader({ ...described.source, where: `true); ${sql}` }, [folder]),
    );

    t.deepEqual(await readdir(folder), []);
  });
}

/** Rows of a matrix, in memory that is not shared. */
function partOf(rows: SparseRows, first: number, end: number): SparseRows {
  const [from, to] = [rows.offsets[first]!, rows.offsets[end]!];
  return {
    rowCount: end - first,
    columnCount: rows.columnCount,
    offsets: Uint32Array.from(rows.offsets.subarray(first, end + 1), (offset) => offset - from),
    columns: Uint32Array.from(rows.columns.subarray(from, to)),
    ratings: Float32Array.from(rows.ratings.subarray(from, to)),
  };
}
