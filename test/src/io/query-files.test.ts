import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { SourceError } from '../../../src/errors.js';
import { readRatings } from '../../../src/io/read-ratings.js';
import { deepParquet } from '../../helpers/builders/deep-parquet.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';

const rows = 'user,item,rating\n1,2,3\n2,2,3\n2,3,3\n';
const deep = `{"user":1,"item":2,"x":${'['.repeat(20_000)}`;

const isRefused = test.macro({
  async exec(t, query: string, code: SourceError['code']) {
    const folder = await scratchFolder(t);
    await writeFile(join(folder, 'plain.csv'), rows);
    await writeFile(join(folder, 'deep.json'), deep);
    await writeFile(join(folder, 'deep.dat'), deep);
    await writeFile(join(folder, 'deep.parquet'), deepParquet(20_000));
    execFileSync('mkfifo', [join(folder, 'fifo.csv')]);

    await t.throwsAsync(readRatings({ sql: query.replaceAll('DIR', folder) }), {
      instanceOf: SourceError,
      code,
    });
  },
  title: (_, query) => `a query that would not come back is refused: ${query}`,
});
for (const query of [
  "FROM read_csv('DIR/fifo.csv')",
  'FROM "DIR/fifo.csv"',
  "FROM read_csv(['DIR/plain.csv', 'DIR/fifo.csv'])",
  "WITH a AS (FROM 'DIR/fifo.csv') FROM 'DIR/plain.csv' WHERE user IN (SELECT user FROM a)",
  "FROM 'DIR/plain.csv' WHERE user IN (SELECT user FROM 'DIR/fifo.csv')",
  "FROM 'DIR/plain.csv' JOIN 'DIR/fifo.csv' USING (user)",
  "SUMMARIZE 'DIR/fifo.csv'",
  "FROM '/dev/zero'",
]) {
  test(isRefused, query, 'ERR_NOT_A_FILE');
}
for (const query of [
  "FROM 'DIR/deep.json';",
  "FROM 'DIR/d*.json'",
  "FROM read_json_auto('DIR/deep.dat')",
  "FROM READ_NDJSON(['DIR/deep.dat'], columns = {user: 'INT', item: 'INT', x: 'JSON'})",
  "FROM 'DIR/deep.parquet'",
  "FROM parquet_scan('DIR/[a-e]eep.parquet')",
]) {
  test(isRefused, query, 'ERR_NESTED_TOO_DEEPLY');
}

test('texts that are not file names, and readable files, are not refused', async (t) => {
  const folder = await scratchFolder(t);
  await writeFile(join(folder, 'plain.csv'), rows);
  await writeFile(join(folder, '[[[.csv'), rows);
  execFileSync('mkfifo', [join(folder, 'fifo.csv')]);

  for (const query of [
    `FROM '${folder}/plain.csv' WHERE '${folder}/fifo.csv' <> 'deep.json' -- the end`,
    `FROM '${folder}/p*.csv'`,
    `FROM read_csv('${folder}/plain.csv', header = true)`,
    'FROM (VALUES (1, 2), (2, 2), (2, 3)) t("user", item)',
    `SELECT * FROM (PIVOT '${folder}/plain.csv' ON rating IN (3) USING count(*) GROUP BY "user", item)`,
  ]) {
    t.is((await readRatings({ sql: query })).byUser.columns.length, 3, query);
  }
});
