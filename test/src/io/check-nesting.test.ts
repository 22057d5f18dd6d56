import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { findTitles } from '../../../src/cli/titles.js';
import { SourceError } from '../../../src/errors.js';
import { openDatabase } from '../../../src/io/duckdb.js';
import { parquetNesting } from '../../../src/io/parquet-nesting.js';
import { readRatings } from '../../../src/io/read-ratings.js';
import { readTitles } from '../../../src/io/read-titles.js';
import { deepParquet } from '../../helpers/builders/deep-parquet.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';

const row = '{"user":1,"item":2,"rating":3,"id":4,"title":"Heat"';
const object = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const array = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** A file with a text as it is; of `.gz` and `.zst`, compressed. */
async function fileWith(t: ExecutionContext, name: string, text: string): Promise<string> {
  const path = join(await scratchFolder(t), name);
  if (!name.endsWith('.zst')) {
    await writeFile(path, name.endsWith('.gz') ? gzipSync(text) : text);
    return path;
  }
  await writeFile(`${path}.txt`, text);
  const database = await openDatabase();
  await database.run(
    `COPY (SELECT content FROM read_text('${path}.txt')) TO '${path}' ` +
      "(FORMAT csv, HEADER false, QUOTE '', DELIMITER '\x01', COMPRESSION zstd)",
  );
  await database.close();
  return path;
}

const isTooDeep = test.macro({
  async exec(t, name: string, text: string) {
    const path = await fileWith(t, name, text);

    for (const read of [() => readRatings({ files: path }), () => readTitles(path)]) {
      await t.throwsAsync(read, { instanceOf: SourceError, code: 'ERR_NESTED_TOO_DEEPLY' });
    }
  },
  title: (what, name) => `${what} in ${name} are refused before they kill the process`,
});
test('objects of 41 KB', isTooDeep, 'movies.json', `[${row}},${row},"x":${object(8_000)}}]`);
test('more', isTooDeep, 'movies.json', `${row},"x":${object(200_000)}}`);
test('arrays', isTooDeep, 'movies.json', array(500_000));
test('both', isTooDeep, 'movies.json', `${row},"user":${`[{"a":`.repeat(20_000)}`);
test('lines', isTooDeep, 'movies.ndjson', `${row}}\n${row},"x":${object(20_000)}}\n`);
test('late lines', isTooDeep, 'a.jsonl', `${`${row}}\n`.repeat(30_000)}{"user":${array(20_000)}}`);
test('compressed lines', isTooDeep, 'movies.ndjson.gz', `${row}}\n${row},"x":${object(20_000)}}\n`);
test('compressed objects', isTooDeep, 'movies.json.zst', `[${row},"x":${object(20_000)}}]`);
test('lines after half a string', isTooDeep, 'a.json', `{"a":"\n${row},"x":${object(20_000)}}`);

test('the groups of a Parquet schema are refused before they kill the process', async (t) => {
  const path = join(await scratchFolder(t), 'movies.parquet');
  await writeFile(path, deepParquet(20_000));

  for (const read of [() => readRatings({ files: path }), () => readTitles(path)]) {
    await t.throwsAsync(read, { instanceOf: SourceError, code: 'ERR_NESTED_TOO_DEEPLY' });
  }
});

test('a damaged Parquet footer is read within its bounds', async (t) => {
  const path = join(await scratchFolder(t), 'ratings.parquet');
  const whole = deepParquet(3);
  t.is(await nestingOf(whole), 4);
  for (let at = 4; at < whole.length - 8; at++) {
    const damaged = Buffer.from(whole);
    damaged[at] = 0xfc;
    const nesting = await nestingOf(damaged).catch((error: unknown) => error);
    t.true(typeof nesting === 'number' || nesting instanceof RangeError, `byte ${at}`);
  }

  async function nestingOf(bytes: Uint8Array): Promise<number> {
    await writeFile(path, bytes);
    return parquetNesting(path);
  }
});

test('files that nest as people let them are read', async (t) => {
  const text = `[${row},"x":${object(50)}},{"user":2,"item":3,"rating":1,"id":7,"title":"[[[[ \\" {"}]`;
  for (const name of ['movies.json', 'movies.json.gz', 'movies.json.zst']) {
    const path = await fileWith(t, name, text);

    t.is((await readRatings({ files: path })).byUser.columns.length, 2);
    t.is((await readTitles(path)).get('3'), '[[[[ " {');
  }
});

test('compressed JSON that ends early, or is none, is a typed error', async (t) => {
  for (const name of ['a.json.gz', 'a.json.zst']) {
    const path = join(await scratchFolder(t), name);
    for (const bytes of [gzipSync(`${row}}`).subarray(0, 40), Buffer.from(row)]) {
      await writeFile(path, bytes);
      await t.throwsAsync(readRatings({ files: path }), { instanceOf: SourceError });
    }
  }
});

test('a movies.json that would kill the process is no file of titles', async (t) => {
  const path = await fileWith(t, 'movies.json', `[${row},"x":${object(20_000)}}]`);

  t.is((await findTitles(join(path, '../ratings.csv'))).source, undefined);
});
