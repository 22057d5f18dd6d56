import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import {
  seesaw as seesawProcess,
  temporaryFolder,
  writeTwoTastes,
} from '../../helpers/programs/command-line.js';
import { seesaw } from '../../helpers/programs/commands-in-turn.js';

const folder = temporaryFolder();
const model = join(folder.path, 'model');

test.before('a model of two tastes is saved, with the titles beside the ratings', async (t) => {
  const file = writeTwoTastes(folder.path);
  const small = ['--preset', 'paper', '--rank', '4', '--threads', '0', '--no-holdout', '--quiet'];
  const { status, stderr } = await seesaw(['train', file, '--output', model, ...small]);
  t.is(status, 0, stderr);
  // From here on titles come from the model alone.
  rmSync(join(folder.path, 'movies.csv'));
});

test.after.always(folder.remove);

test('recommend lists scores, ids and titles, best first', async (t) => {
  const { status, stdout } = await seesawProcess([
    'recommend',
    model,
    '--user',
    '3',
    '--count',
    '2',
  ]);

  t.is(status, 0);
  t.regex(
    stdout,
    /^ *\d[\d.e-]* {2}1\d\d {2}Film number 1\d\d\n *\d[\d.e-]* {2}1\d\d {2}Film .*\n$/,
  );
});

test('recommend --explain shows what the user rated below each item', async (t) => {
  const args = ['recommend', model, '--user', '3', '--count', '1'];
  const { status, stdout, stderr } = await seesaw([...args, '--explain', '2']);

  t.is(status, 0, stderr);
  // Odd users rate odd films, so what speaks for an odd film are odd ones.
  const reason = String.raw` {9} *-?\d[\d.e-]* {2}1\d[13579] {2}Film number 1\d[13579]\n`;
  const lines = [
    String.raw` *\d[\d.e-]* {2}1\d\d {2}Film number 1\d\d\n`,
    String.raw` {9}of this, for what the user rated:\n`,
    `(${reason}){2}`,
    String.raw` {9} *-?\d[\d.e-]* {2}all other ratings\n`,
  ];
  t.regex(stdout, new RegExp(`^${lines.join('')}$`));
});

test('recommend --explain --json gives the parts of the exact score', async (t) => {
  const args = ['recommend', model, '--user', '3', '--count', '4', '--json', '--explain'];
  const { stdout } = await seesaw(args);

  const items = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.is(items.length, 4);
  for (const { because, baseline, others, exactScore } of items) {
    t.is(because.length, 3);
    t.deepEqual(Object.keys(because[0]), ['itemId', 'rating', 'contribution', 'title']);
    const parts = because.reduce(
      (sum: number, reason: { contribution: number }) => sum + reason.contribution,
      baseline + others,
    );
    t.true(Math.abs(parts - exactScore) < 1e-9);
  }
});

test('recommend --json prints one object a line, with ids of their own type', async (t) => {
  const { status, stdout } = await seesaw([
    'recommend',
    model,
    '--user',
    '3',
    '--count',
    '5',
    '--json',
  ]);

  t.is(status, 0);
  const items = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.is(items.length, 5);
  t.true(items.every(({ itemId, score }) => Number.isInteger(itemId) && Number.isFinite(score)));
  t.true(items.every(({ itemId, title }) => title === `Film number ${itemId}`));
});

test('titles of a file replace those that the model keeps', async (t) => {
  const file = join(folder.path, 'others.csv');
  const others = [101, 103, 105, 107].map((item) => `${item},Autre ${item}`);
  writeFileSync(file, `movieId,title\n${others.join('\n')}\n`);
  const args = ['similar', model, '--item', '101', '--count', '7', '--json', '--titles', file];
  const { status, stdout, stderr } = await seesaw(args);

  t.is(status, 0, stderr);
  const titles = new Map(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
      .map(({ itemId, title }) => [itemId, title]),
  );
  t.is(titles.get(103), 'Autre 103');
  t.is(titles.get(109), undefined);
  t.is(titles.size, 7);
});

test('recommend respects --allow and --deny', async (t) => {
  const { stdout } = await seesaw(
    ['recommend', model, '--user', '3', '--json', '--include-seen'].concat(
      '--allow',
      '101,103, 105',
      '--deny',
      '103',
    ),
  );

  const ids = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).itemId);
  t.deepEqual(ids.sort(), [101, 105]);
});

test('recommend to an unknown user fails and shows example ids', async (t) => {
  const { status, stdout, stderr } = await seesaw(['recommend', model, '--user', 'ann']);

  t.is(status, 1);
  t.is(stdout, '');
  t.regex(stderr, /^seesaw: user "ann" is unknown; expected one of 24 user ids .*ERR_UNKNOWN_ID/);
});

test('recommend without a user is wrong usage', async (t) => {
  const { status } = await seesaw(['recommend', model]);

  t.is(status, 2);
});

test('recommend from a folder without a model fails', async (t) => {
  const { status, stderr } = await seesaw(['recommend', folder.path, '--user', '3']);

  t.is(status, 1);
  t.regex(stderr, /ERR_MODEL_FORMAT/);
});

test('similar finds the items of the same kind', async (t) => {
  const { status, stdout } = await seesawProcess([
    'similar',
    model,
    '--item',
    '104',
    '--count',
    '3',
    '--json',
  ]);

  t.is(status, 0);
  const ids = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).itemId);
  t.true(ids.every((id) => id % 2 === 0));
});

test('similar finds an item by a part of its title', async (t) => {
  const { stdout } = await seesaw(['similar', model, '--title', 'NUMBER 104', '--count', '1']);

  t.regex(
    stdout,
    /^most similar to Film number 104:\n +\d\.\d{4} {2}1\d\d {2}Film number 1\d\d\n$/,
  );
});

test('similar finds users of the same kind', async (t) => {
  const { stdout } = await seesaw(['similar', model, '--user', '3', '--count', '2', '--json']);

  const ids = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).userId);
  t.true(ids.every((id) => id % 2 === 1));
});

test('similar to nothing is wrong usage', async (t) => {
  const { status, stderr } = await seesaw(['similar', model]);

  t.is(status, 2);
  t.regex(stderr, /^seesaw: found nothing to compare with/);
});

test('without a command help goes to stderr and the usage is wrong', async (t) => {
  const { status, stdout, stderr } = await seesaw([]);

  t.is(status, 2);
  t.is(stdout, '');
  t.regex(stderr, /^Usage: seesaw /);
});

test('--help is fine and shows examples', async (t) => {
  const { status, stdout } = await seesaw(['train', '--help']);

  t.is(status, 0);
  t.regex(stdout, /^Examples:$/m);
});
