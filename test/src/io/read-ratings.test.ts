import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { openDatabase } from '../../../src/io/duckdb.js';
import { explain, findSource } from '../../../src/io/entry-tables.js';
import type { ReadOptions } from '../../../src/io/read-options.js';
import { readRatings } from '../../../src/io/read-ratings.js';
import type { DuplicatesPolicy } from '../../../src/ratings/ratings.js';
import {
  type Triple,
  timesByUser,
  triplesByItem,
  triplesByUser,
} from '../../helpers/builders/rating-triples.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';

const csv = 'user_id,item_id,rating\nann,x,4\nbob,x,3.5\nann,y,-1\n';
const triples = [
  ['ann', 'x', 4],
  ['ann', 'y', -1],
  ['bob', 'x', 3.5],
];

const readsText = test.macro({
  async exec(t, name: string, content: string | Uint8Array) {
    const file = join(await scratchFolder(t), name);
    await writeFile(file, content);

    const ratings = await readRatings({ files: file });

    t.deepEqual<unknown, unknown>(triplesByUser(ratings), triples);
    t.deepEqual<unknown, unknown>(triplesByItem(ratings), triples);
  },
  title: (provided, name) => `reads ${provided ?? name}`,
});
test(readsText, 'ratings.csv', csv);
test(readsText, 'ratings.tsv', csv.replaceAll(',', '\t'));
test(readsText, 'ratings.csv.gz', gzipSync(csv));
test('CSV with semicolons', readsText, 'ratings.txt', csv.replaceAll(',', ';'));
test('CSV with quotes', readsText, 'ratings.csv', csv.replaceAll('ann', '"ann"'));
test('CSV with CRLF', readsText, 'ratings.csv', csv.replaceAll('\n', '\r\n'));
test('CSV without header', readsText, 'ratings.csv', csv.slice(csv.indexOf('\n') + 1));
test('a name with quotes, spaces and pattern characters', readsText, `a 'b' "c" [d]*é.csv`, csv);

const readsPublished = test.macro({
  async exec(t, name: string, content: string | Uint8Array, expected: Triple[], times: number[]) {
    const file = join(await scratchFolder(t), name);
    await writeFile(file, content);

    const ratings = await readRatings({ files: file });

    t.deepEqual(triplesByUser(ratings), expected);
    t.deepEqual(
      timesByUser(ratings).map(([, , time]) => time),
      times,
    );
  },
  title: (_, name) => `reads ${name} as GroupLens publishes it`,
});
const tabs = '7\t31\t3\t881250949\n7\t4\t5\t881250950\n12\t31\t1\t878887116\n';
const tabTriples: Triple[] = [
  [12, 31, 1],
  [7, 31, 3],
  [7, 4, 5],
];
const tabTimes = [878_887_116, 881_250_949, 881_250_950];
test(readsPublished, 'u.data', tabs, tabTriples, tabTimes);
test(readsPublished, 'u1.base', tabs, tabTriples, tabTimes);
test(readsPublished, 'u1.test', tabs, tabTriples, tabTimes);
const colons = tabs.replaceAll('\t', '::');
test(readsPublished, 'ratings.dat', colons, tabTriples, tabTimes);
test(readsPublished, 'ratings.dat.gz', gzipSync(colons), tabTriples, tabTimes);
test(
  readsPublished,
  'halves.dat',
  '7::31::3.5::838985046\n7::4::5::838983525\n',
  [
    [7, 31, 3.5],
    [7, 4, 5],
  ],
  [838_985_046, 838_983_525],
);
test(
  readsPublished,
  'ratings.csv',
  'userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n1,1029,3.0,1260759179\n',
  [
    [1, 1029, 3],
    [1, 31, 2.5],
  ],
  [1_260_759_179, 1_260_759_144],
);

test('ids with double colons in a CSV file stay whole', async (t) => {
  const file = join(await scratchFolder(t), 'calls.csv');
  await writeFile(file, 'user_id,item_id\nstd::sort,std::swap\n1::2,std::swap\n');

  t.deepEqual(triplesByUser(await readRatings({ files: file })), [
    ['1::2', 'std::swap', 1],
    ['std::sort', 'std::swap', 1],
  ]);
});

const readsCopy = test.macro({
  async exec(t, name: string, options: string) {
    const file = join(await scratchFolder(t), name);
    const database = await openDatabase();
    await database.run(
      "COPY (SELECT * FROM (VALUES ('ann', 'x', 4), ('bob', 'x', 3.5), ('ann', 'y', -1)) " +
        `AS rows(user_id, item_id, rating)) TO '${file}' (${options})`,
    );
    await database.close();

    t.deepEqual<unknown, unknown>(triplesByUser(await readRatings({ files: file })), triples);
  },
  title: (_, name) => `reads ${name}`,
});
test(readsCopy, 'ratings.parquet', 'FORMAT parquet');
test(readsCopy, 'ratings.json', 'FORMAT json, ARRAY true');
test(readsCopy, 'ratings.ndjson', 'FORMAT json');
test(readsCopy, 'ratings.jsonl.gz', 'FORMAT json, COMPRESSION gzip');
test(readsCopy, 'ratings.json.zst', 'FORMAT json, COMPRESSION zstd');
test(readsCopy, 'ratings.csv.zst', 'FORMAT csv, COMPRESSION zstd');

test('reads several files as one, columns by name', async (t) => {
  const folder = await scratchFolder(t);
  await writeFile(join(folder, 'a.csv'), 'user_id,item_id,rating\nann,x,4\nbob,x,3.5\n');
  await writeFile(join(folder, 'b.csv'), 'rating,item_id,user_id\n-1,y,ann\n');

  const listed = await readRatings({ files: [join(folder, 'a.csv'), join(folder, 'b.csv')] });
  const matched = await readRatings({ files: join(folder, '*.csv') });

  t.deepEqual<unknown, unknown>(triplesByUser(listed), triples);
  t.deepEqual<unknown, unknown>(triplesByUser(matched), triples);
});

async function fromSql(sql: string, options?: ReadOptions) {
  return readRatings({ sql }, options);
}

function rows(values: string, names = 'user_id, item_id, rating'): string {
  return `SELECT * FROM (VALUES ${values}) AS rows(${names})`;
}

test('reads a query that ends in a semicolon or a comment', async (t) => {
  const query = rows("('ann', 'x', 4), ('bob', 'x', 3.5), ('ann', 'y', -1)");

  t.deepEqual<unknown, unknown>(triplesByUser(await fromSql(`${query} ;\n`)), triples);
  t.deepEqual<unknown, unknown>(triplesByUser(await fromSql(`${query} -- all`)), triples);
});

test('numbers rows by falling count, ties by id, so position and row are the same', async (t) => {
  const { users, items } = await fromSql(rows("('b', 10, 1), ('a', 9, 1), ('c', 9, 1)"));

  t.deepEqual(
    [0, 1, 2].map((at) => users.ids.at(at)),
    ['a', 'b', 'c'],
  );
  t.deepEqual(
    [0, 1].map((at) => items.ids.at(at)),
    [9, 10],
  );
  t.deepEqual([...users.positions], [0, 1, 2]);
});

const idsAre = test.macro({
  async exec(t, values: string[], expected: unknown[]) {
    const query = rows(values.map((value) => `(${value}, 1)`).join(', '), 'user_id, item_id');

    const { users } = await fromSql(query);

    t.deepEqual(
      expected.map((_, at) => users.ids.at(at)),
      expected,
    );
  },
  title: (provided) => `ids of ${provided}`,
});
test('integers are numbers', idsAre, ['-5', '7'], [-5, 7]);
test('integers beyond 2⁵³ are bigints', idsAre, ['1', '9007199254740993'], [1, 9007199254740993n]);
test('128-bit integers are bigints', idsAre, ['1::HUGEINT << 100'], [2n ** 100n]);
test('whole decimals are numbers', idsAre, ['12::DECIMAL(9, 0)'], [12]);
test('text that looks like numbers stays text', idsAre, ["'7'", "'8'"], ['7', '8']);
test('enums are text', idsAre, ["'b'::ENUM ('a', 'b')"], ['b']);
test(
  'UUIDs are text',
  idsAre,
  ["'00000000-0000-0000-0000-00000000000a'::UUID"],
  ['00000000-0000-0000-0000-00000000000a'],
);

async function userIdsOfCsv(t: Parameters<typeof scratchFolder>[0], ids: readonly string[]) {
  const file = join(await scratchFolder(t), 'ratings.csv');
  await writeFile(file, `user_id,item_id\n${ids.map((id) => `${id},1\n`).join('')}`);
  const { users } = await readRatings({ files: file });
  return Array.from({ length: users.ids.size }, (_, at) => users.ids.at(at));
}

test('a CSV column of integers has numbers as ids, in their order', async (t) => {
  t.deepEqual(await userIdsOfCsv(t, ['10', '9', '-3']), [-3, 9, 10]);
});

test('a CSV column with a leading zero anywhere has text as ids', async (t) => {
  t.deepEqual(await userIdsOfCsv(t, ['7', '007']), ['007', '7']);
});

test('a CSV id that is text only after the sample of the sniffer is read as it stands', async (t) => {
  const ids = Array.from({ length: 30_000 }, (_, id) => String(id));

  const read = await userIdsOfCsv(t, [...ids, 'abc']);

  t.is(read.length, 30_001);
  t.true(read.includes('abc'));
  t.true(read.includes('29999'));
});

test('names are guessed with any case and punctuation', async (t) => {
  const query = rows("('x', 'ann', 4, 1)", '"movieId", "User-ID", "Score", "when"');

  t.deepEqual(triplesByUser(await fromSql(query)), [['ann', 'x', 4]]);
});

test('without a rating column every rating is 1', async (t) => {
  const ratings = await fromSql(rows("('ann', 'x'), ('bob', 'x')", 'package, dependency'));

  t.deepEqual(triplesByUser(ratings), [
    ['ann', 'x', 1],
    ['bob', 'x', 1],
  ]);
});

test('named columns may need quoting', async (t) => {
  const query = rows("('ann', 'x', 4)", '"the ""user""", "it\'s", "1st"');

  const ratings = await fromSql(query, { user: 'the "user"', item: "it's", rating: '1ST' });

  t.deepEqual(triplesByUser(ratings), [['ann', 'x', 4]]);
});

test('where filters on columns with their own types, in CSV too', async (t) => {
  const file = join(await scratchFolder(t), 'ratings.csv');
  await writeFile(file, 'user_id,item_id,rating,year\n1,5,10,1999\n2,5,9,2001\n30,6,10,2002\n');

  const ratings = await readRatings(
    { files: file },
    { where: 'rating > 9.5 AND user_id >= 4 AND year > 2000 -- note' },
  );

  t.deepEqual(triplesByUser(ratings), [[30, 6, 10]]);
});

const merges = test.macro({
  async exec(t, duplicates: DuplicatesPolicy, expected: number) {
    const query = rows("('ann', 'x', 4), ('bob', 'x', 1), ('ann', 'x', 5), ('ann', 'x', 3)");

    const ratings = await fromSql(query, { duplicates });

    t.deepEqual(triplesByUser(ratings)[0], ['ann', 'x', expected]);
    t.deepEqual(ratings.duplicates, { policy: duplicates, count: 2 });
  },
  title: (_, duplicates, expected) => `${duplicates} makes 4, 5, 3 into ${expected}`,
});
test(merges, 'last', 3);
test(merges, 'sum', 12);
test(merges, 'max', 5);
test(merges, 'mean', 4);

const latest = test.macro({
  async exec(t, times: readonly string[], expected: number) {
    const values = times.map((time, at) => `('ann', 'x', ${at + 1}, ${time})`).join(', ');

    const ratings = await fromSql(rows(values, 'user_id, item_id, rating, timestamp'));

    t.deepEqual(triplesByUser(ratings), [['ann', 'x', expected]]);
  },
  title: (provided) => `the last rating is found by ${provided}`,
});
test('seconds', latest, ['5', '9', '7'], 2);
test('dates', latest, ["DATE '2020-01-02'", "DATE '2020-01-01'"], 1);
test(
  'times with a zone',
  latest,
  ["'2020-01-02T00:00:00+02'::TIMESTAMPTZ", "'2020-01-01T23:00:00Z'::TIMESTAMPTZ"],
  2,
);
test('input order where times are equal', latest, ['5', '5', '5'], 3);
test('any time rather than none', latest, ['5', 'NULL::INTEGER'], 1);

const reads = test.macro({
  async exec(t, time: string, expected: number) {
    const query = rows(`('ann', 'x', 4, ${time})`, 'user_id, item_id, rating, timestamp');

    t.deepEqual(timesByUser(await fromSql(query, { duplicates: 'max' })), [['ann', 'x', expected]]);
  },
  title: (_, time, expected) => `the timestamp ${time} is read as ${expected}`,
});
test(reads, '881250949', 881_250_949);
test(reads, '1.5::DOUBLE', 1.5);
test(reads, "DATE '1970-01-02'", 86_400);
test(reads, "TIMESTAMP '1970-01-01 00:00:01.25'", 1.25);
test(reads, "'1970-01-01T01:00:00+01'::TIMESTAMPTZ", 0);
test(reads, 'NULL::INTEGER', Number.NEGATIVE_INFINITY);
test(reads, "'nan'::DOUBLE", Number.NEGATIVE_INFINITY);
test(reads, "'infinity'::TIMESTAMP", Number.NEGATIVE_INFINITY);

test('timestamps are not read on demand, and are undefined without a column', async (t) => {
  const query = rows("('ann', 'x', 4, 20), ('ann', 'x', 3, 10)", 'u, i, rating, timestamp');
  const columns = { user: 'u', item: 'i' };

  const unread = await fromSql(query, { ...columns, timestamp: false });
  const none = await fromSql(rows("('ann', 'x', 4)"));

  t.deepEqual(triplesByUser(unread), [['ann', 'x', 3]]);
  t.deepEqual([unread.timestamps, none.timestamps], [undefined, undefined]);
});

test('an aborted read rejects with the reason of the signal', async (t) => {
  const reason = new Error('enough');
  const controller = new AbortController();
  const read = readRatings(
    { sql: 'SELECT a.range AS user_id, b.range AS item_id FROM range(100000) a, range(100000) b' },
    {},
    controller.signal,
  );

  controller.abort(reason);

  t.is(await t.throwsAsync(read), reason);
});

test('an aborted read looks for no bad line', async (t) => {
  const reason = new Error('enough');
  const controller = new AbortController();
  const files = join(await scratchFolder(t), 'ratings.csv');
  await writeFile(files, csv);
  const database = await openDatabase(controller.signal);
  t.teardown(() => database.close());
  const { relation } = await findSource(database, { files }, {});
  controller.abort(reason);

  t.is(await explain(database, { relation }, new Error('INTERRUPT Error')), reason);
  await t.throwsAsync(relation.text!.badLine(), { name: 'AbortError' });
});

test('the current folder does not change', async (t) => {
  await fromSql('SELECT range AS user_id, range AS item_id FROM range(10)');

  t.false(existsSync('.tmp'));
});

const published = test.macro({
  async exec(t, path: string, expected: readonly [number, number, number, number]) {
    const file = resolve('../shared/data', path);
    if (!existsSync(file)) {
      t.log(`skipped: no ${file}`);
      t.pass();
      return;
    }

    const { byUser, byItem, duplicates } = await readRatings({ files: file });

    t.deepEqual(
      [byUser.rowCount, byItem.rowCount, byUser.columns.length, duplicates.count],
      [...expected],
    );
  },
  title: (_, path) => `reads ${path} as published`,
});
test(published, 'movielens-small/ratings.csv', [671, 9066, 100_004, 0]);
test(published, 'goodbooks-10k/ratings.parquet', [53_424, 10_000, 979_478, 2278]);
test(published, 'ml-1m/ratings.parquet', [6040, 3706, 1_000_209, 0]);
test(published, 'debian-dependencies/dependencies.parquet', [17_432, 5834, 173_855, 0]);

test('folders whose names hold pattern characters are no patterns', async (t) => {
  const folder = join(await scratchFolder(t), '[a]');
  await mkdir(folder);
  await writeFile(join(folder, 'x.csv'), csv);

  const ratings = await readRatings({ files: join(folder, 'x.csv') });

  t.is(ratings.byUser.columns.length, 3);
});
