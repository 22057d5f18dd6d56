import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { InvalidOptionError } from '../../../src/errors.js';
import { openDatabase } from '../../../src/io/duckdb.js';
import { findSource } from '../../../src/io/entry-tables.js';
import { selectEntries } from '../../../src/io/select-entries.js';

const folder = await mkdtemp(join(tmpdir(), 'seesaw-test-'));
const file = join(folder, 'ratings.csv');
await writeFile(
  file,
  `user_id,item_id,rating,word,day
1,2,3,a,2020-01-01
1,3,1,b,2021-01-01
4,2,5,c,2022-01-01
7,8,2,it's,2023-01-01
`,
);
const database = await openDatabase();
test.after.always(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

const keeps = test.macro({
  async exec(t, where: string, count: number) {
    const found = await findSource(database, { files: file }, { where });

    const rows = await database.rows(`FROM (${selectEntries(found)})`);

    t.is(rows.length, count);
  },
  title: (_, where) => `a condition is ${where}`,
});
test(keeps, 'rating >= 2 AND user_id <> 7', 2);
test(keeps, "word IN ('a', 'b') -- and so on", 2);
test(keeps, "word LIKE 'it''s' /* ; */", 1);
test(keeps, 'rating BETWEEN 2 AND 3 OR NOT user_id < 7', 2);
test(keeps, "day < DATE '2021-06-01' - INTERVAL 3 DAY", 2);
test(keeps, 'CASE WHEN user_id = 1 THEN rating > 2 ELSE true END', 3);
test(keeps, 'hash(user_id, item_id) % 10 >= 0', 4);
test(keeps, 'list_contains([1, 4], user_id) AND rating::DECIMAL(3, 1) > 1.5', 2);
test(keeps, "len(list_filter(['a', 'b'], lambda x: x = word)) = 1", 2);
test(keeps, "word = '); DROP TABLE entries; --'", 0);

const refuses = test.macro({
  async exec(t, where: string) {
    const options = { where: where.replace('FILE', file) };

    await t.throwsAsync(findSource(database, { files: file }, options), {
      instanceOf: InvalidOptionError,
    });
    t.deepEqual(await readdir(folder), ['ratings.csv']);
  },
  title: (_, where) => `no condition is ${JSON.stringify(where).slice(0, 80)}`,
});
for (const where of [
  "true; COPY (SELECT 1) TO 'FILE.out'",
  'true; SELECT 1',
  "true) TO 'FILE.out'; --",
  "true) ; COPY (SELECT 1) TO 'FILE.out'; SELECT (1",
  'true) OR (true',
  'true) UNION SELECT 1, 2, 3, 4 --',
  "true UNION SELECT * FROM 'FILE'",
  'true GROUP BY ALL',
  'true ORDER BY 1',
  'true LIMIT 1',
  'true QUALIFY true',
  'true WINDOW w AS ()',
  'true USING SAMPLE 1',
  "user_id IN (SELECT user_id FROM 'FILE')",
  "EXISTS (FROM read_text('FILE'))",
  "(FROM glob('/*') SELECT count(*)) > 0",
  "user_id = ANY (FROM sniff_csv('FILE') SELECT 1)",
  'user_id = (WITH a AS (SELECT 1 AS b) SELECT b FROM a)',
  'CASE WHEN (SELECT true) THEN true END',
  'list_transform([1], x -> (SELECT 1)) IS NOT NULL',
  "read_text('FILE') IS NOT NULL",
  'row_number() OVER () = 1',
  'sum(rating) > 1',
  'COLUMNS(*) IS NOT NULL',
  'user_id = $1',
  'user_id = ?',
  '#1 = 1',
  'json_structure(word) IS NOT NULL',
  '"JSON_STRUCTURE"(word) IS NOT NULL',
  'json_contains(word, word)',
  'word::JSON::VARIANT IS NOT NULL',
  'true\0; SELECT 1',
  '/* true',
  "'true",
  '-- true',
  `${'('.repeat(100_000)}true${')'.repeat(100_000)}`,
  `${'NOT '.repeat(5_000)}true`,
]) {
  test(refuses, where);
}
