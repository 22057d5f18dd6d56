import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { listFormatOf, writeLists } from '../../../src/cli/list-writer.js';
import { openDatabase } from '../../../src/io/duckdb.js';
import {
  seesaw as seesawProcess,
  temporaryFolder,
  writeTwoTastes,
} from '../../helpers/programs/command-line.js';
import { seesaw } from '../../helpers/programs/commands-in-turn.js';

const folder = temporaryFolder();
const model = join(folder.path, 'model');
const all = ['recommend', model, '--all', '--threads', '0'];

test.before('a model of two tastes is saved', async (t) => {
  const file = writeTwoTastes(folder.path);
  const small = ['--rank', '4', '--threads', '0', '--no-holdout', '--quiet'];
  const { status, stderr } = await seesaw(['train', file, '--output', model, ...small]);
  t.is(status, 0, stderr);
});

test.after.always(folder.remove);

const rowsOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('recommend --all writes the lists that single users get, in every format', async (t) => {
  const ndjson = join(folder.path, 'lists.ndjson');
  const parquet = join(folder.path, 'lists.parquet');
  const outcome = await seesawProcess([...all, '--count', '3', '--output', ndjson, '--json']);
  const others = await seesaw([...all, '--count', '3', '--output', parquet]);
  const one = await seesaw(['recommend', model, '--user', '3', '--count', '3', '--json']);

  t.is(outcome.status, 0, outcome.stderr);
  t.is(others.status, 0, others.stderr);
  const rows = rowsOf(readFileSync(ndjson, 'utf8'));
  t.like(JSON.parse(outcome.stdout), {
    type: 'lists',
    format: 'ndjson',
    users: 24,
    rows: rows.length,
  });
  const ofThree = rows.filter(({ userId }) => userId === 3);
  t.deepEqual(
    ofThree.map(({ itemId, score, title }) => ({ itemId, score, title })),
    rowsOf(one.stdout),
  );
  t.deepEqual(
    ofThree.map(({ rank }) => rank),
    [1, 2, 3].slice(0, ofThree.length),
  );
  const database = await openDatabase();
  const read = await database.rows(`select * from '${parquet}'`);
  await database.close();
  t.deepEqual(
    read.map(({ userId, rank, itemId, score, title }) => [userId, rank, itemId, score, title]),
    rows.map(({ userId, rank, itemId, score }) => [
      ...[BigInt(userId), rank, BigInt(itemId), score, `Film number ${itemId}`],
    ]),
  );
});

test('recommend --all --json without a file prints the rows', async (t) => {
  const { status, stdout } = await seesaw([...all, '--json', '--count', '1']);

  t.is(status, 0);
  const rows = rowsOf(stdout);
  t.is(rows.length, 24);
  t.deepEqual(Object.keys(rows[0]), ['userId', 'rank', 'itemId', 'score', 'title']);
});

test('rows that nobody reads end the command quietly', (t) => {
  const main = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
  // More than a stream takes at once, so that the command waits for the reader.
  const args = [...all, '--include-seen', '--count', '16', '--json'];

  const { status, stderr } = spawnSync(
    'bash',
    ['-c', 'set -o pipefail; "$0" "$@" | true', process.execPath, main, ...args],
    { encoding: 'utf8' },
  );

  t.is(stderr, '');
  t.is(status, 141);
});

test('ids and titles survive a table unchanged', async (t) => {
  const file = join(folder.path, 'odd.parquet');
  async function* blocks() {
    yield [{ userId: 'a,"b"\n', rank: 1, itemId: '007', score: 0.5, title: '' }];
  }
  const columns = { userId: 'VARCHAR', itemId: 'VARCHAR', hasTitles: true } as const;

  const count = await writeLists(file, 'parquet', columns, blocks(), new AbortController().signal);

  const database = await openDatabase();
  const rows = await database.rows(`select * from '${file}'`);
  await database.close();
  t.is(count, 1);
  t.deepEqual(rows, [{ userId: 'a,"b"\n', rank: 1, itemId: '007', score: 0.5, title: '' }]);
});

test('a failure and a stop leave the file that was there, and nothing beside it', async (t) => {
  const place = join(folder.path, 'kept');
  mkdirSync(place);
  const file = join(place, 'lists.csv');
  writeFileSync(file, 'before');
  const columns = { userId: 'BIGINT', itemId: 'BIGINT', hasTitles: false } as const;
  const stop = new AbortController();
  async function* stopped() {
    yield [{ userId: 1, rank: 1, itemId: 2, score: 1 }];
    stop.abort(new Error('stopped'));
    yield [{ userId: 2, rank: 1, itemId: 2, score: 1 }];
  }
  async function* broken() {
    yield [{ userId: 1, rank: 1, itemId: 2, score: 1 }];
    throw new Error('broken');
  }
  const never = new AbortController().signal;

  await t.throwsAsync(writeLists(file, 'csv', columns, stopped(), stop.signal), {
    message: 'stopped',
  });
  await t.throwsAsync(writeLists(file, 'csv', columns, broken(), never), { message: 'broken' });

  t.is(readFileSync(file, 'utf8'), 'before');
  t.deepEqual(readdirSync(place), ['lists.csv']);
});

test('a file of lists needs a known ending', (t) => {
  t.is(listFormatOf('a/LISTS.JSONL'), 'ndjson');
  t.throws(() => listFormatOf('lists.xlsx'), { message: /expected a name that ends in \.csv/ });
});

const isRefused = test.macro({
  async exec(t, args: readonly string[], status: number, complaint: RegExp) {
    const result = await seesaw(['recommend', model, ...args]);

    t.is(result.status, status, result.stderr);
    t.is(result.stdout, '');
    t.regex(result.stderr, complaint);
  },
  title: (_, args: readonly string[]) =>
    `recommend ${args.join(' ') || 'without a target'} is refused`,
});

test(isRefused, [], 2, /found no user to recommend to/);
test(isRefused, ['--all'], 2, /try --output lists\.csv, or --json/);
test(isRefused, ['--all', '--user', '3'], 2, /cannot be used with/);
test(isRefused, ['--user', '3', '--output', 'x.csv'], 2, /found --output with --user/);
test(isRefused, ['--all', '--output', '/proc/x.csv'], 1, /ENOENT.* at \/proc\/x\.csv; expected/);
test(isRefused, ['--all', '--output', 'x.txt'], 2, /ends in \.csv, \.ndjson/);
test(isRefused, ['--user', '3', '--allow', ' '], 2, /found nothing as --allow; expected a value/);
test(isRefused, ['--user', '3', '--deny', '104,10x'], 2, /found "10x" in --deny.*try "10/);

test('--deny and --allow can be given again', async (t) => {
  const flags = ['--allow', '101,103', '--allow', '105', '--deny', '101', '--deny', '103'];
  const args = ['recommend', model, '--user', '3', '--include-seen', '--json', ...flags];

  const { status, stdout } = await seesaw(args);

  t.is(status, 0);
  t.deepEqual(
    rowsOf(stdout).map(({ itemId }) => itemId),
    [105],
  );
});

test('info describes a model, to people and as JSON', async (t) => {
  const text = await seesawProcess(['info', model]);
  const json = await seesaw(['info', model, '--json']);
  const nothing = await seesaw(['info', join(folder.path, 'none')]);

  t.regex(text.stdout, /rank 4, of 24 users and 16 items/);
  t.regex(text.stdout, /^titles +of 16 of 16 items$/m);
  t.regex(text.stdout, /^--regularization +0\.\d+$/m);
  t.like(JSON.parse(json.stdout), {
    titles: { count: 16 },
    rank: 4,
    users: { count: 24 },
    settings: { seed: 42 },
  });
  t.is(nothing.status, 1);
  t.regex(nothing.stderr, /ERR_MODEL_NOT_FOUND/);
});
