import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { loadModel } from '../../../src/model/store/load-model.js';
import { smallTraining } from '../../helpers/builders/small-training.js';
import { eventsOn, seesaw as seesawProcess } from '../../helpers/programs/command-line.js';
import { seesaw } from '../../helpers/programs/commands-in-turn.js';

test('train shows people the data, figures, a plot, titles and the next command', async (t) => {
  const { args, model } = smallTraining(t);
  // With these, the lists change from iteration to iteration.
  const loss = ['--preset', 'paper', '--alpha', '5', '--regularization', '10', '--start', 'random'];

  const { status, stdout, stderr } = await seesawProcess([...args, ...loss]);

  t.is(status, 0, stderr);
  t.regex(stdout, /by 24 users of 16 items/);
  t.regex(stdout, /recall@20 .* NDCG@20 /s);
  t.regex(stdout, /loss after every iteration/);
  t.regex(stdout, /Film number 1\d\d/);
  t.true(stdout.includes(`recommend ${model} --user `));
  t.true(existsSync(join(model, 'manifest.json')));
  t.regex(stdout, /, with titles of 16 of 16 items; try next:/);
  t.is((await loadModel(model)).title(116), 'Film number 116');
  t.is(stderr.match(/^iteration \d\/3 {2}NDCG@20 [01]\.\d+ {2}RMSE of 0\/1 /gm)?.length, 3);
  t.regex(stdout, /NDCG@20 on withheld ratings after every iteration/);
});

test('train --json prints the events in order, one object a line, and nothing else', async (t) => {
  const { args, model } = smallTraining(t);

  const { status, stdout, stderr } = await seesaw([...args, '--json']);

  t.is(status, 0);
  t.is(stderr, '');
  const events = eventsOn(stdout);
  const iteration = ['phase', 'phase', 'iteration'];
  t.deepEqual(
    events.map(({ type }) => type),
    ['started', ...iteration, ...iteration, ...iteration, 'saved', 'evaluation', 'finished'],
  );
  t.like(events.at(-1), { iterations: 3, modelPath: model });
  t.like(events.at(-2), { model: { k: [20], users: 24 }, mostPopular: { k: [20] } });
});

test('train --no-holdout trains on every rating and measures nothing', async (t) => {
  const { args } = smallTraining(t);

  const { status, stdout } = await seesaw([...args, '--no-holdout', '--json']);

  const events = eventsOn(stdout);
  t.is(status, 0);
  t.is(events[0].heldOut, 0);
  t.false(events.some(({ type }) => type === 'evaluation'));
});

const keeps = test.macro({
  async exec(t, flags: readonly string[], settings: object) {
    const { args, model } = smallTraining(t);

    const { status, stderr } = await seesaw([...args, ...flags, '--quiet']);

    t.is(status, 0, stderr);
    const manifest = JSON.parse(readFileSync(join(model, 'manifest.json'), 'utf8'));
    t.like(manifest.settings, settings);
  },
  title: (_, flags: readonly string[]) => `train ${flags.join(' ')} trains what it says`,
});
test(keeps, ['--feedback', 'explicit'], { biases: true, globalMean: true, alpha: 0 });
test(keeps, ['--feedback', 'explicit', '--no-biases', '--solver', 'subspace'], {
  ...{ biases: false, globalMean: true, solver: 'subspace' },
});
test(keeps, ['--feedback', 'explicit', '--nonnegative'], {
  nonnegative: true,
  biases: false,
  solver: 'cholesky',
});
test(keeps, ['--objective', 'ials', '--initial-scale', '0.2', '--unobserved-weight', '0.3'], {
  ...{ objective: 'ials', initialScale: 0.2, unobservedWeight: 0.3 },
  ...{ alpha: 0, regularizationExponent: 1 },
});
test(keeps, ['--preset', 'paper', '--alpha', '2'], {
  ...{ objective: 'confidence', alpha: 2, unobservedWeight: 1 },
  ...{ regularization: 0.01, regularizationExponent: 0 },
});
test(keeps, ['--regularization', '0.02', '--alpha', 'auto'], { regularization: 0.02, alpha: 0 });

test('train says what it chose and why, and why it ended', async (t) => {
  const { file, model } = smallTraining(t);
  const args = ['train', file, '--rank', '4', '--threads', '0', '--output', model];

  const lists = await seesaw([...args, '--quiet']);
  const loss = await seesaw([...args, '--no-holdout', '--quiet']);

  t.regex(lists.stdout, /^model +rank 4, at most 50 iterations of cg$/m);
  t.regex(lists.stdout, /^loss +ials, alpha 0, unobserved weight 0\.\d+, regularization 0\.\d+,/m);
  t.regex(lists.stdout, /chosen for \d+ % of the cells being rated/);
  t.regex(
    lists.stdout,
    /\d+ iterations? of at most 50: NDCG@20 on withheld\s+ratings gained less than 0.2 %/,
  );
  t.regex(loss.stdout, /\d+ iterations of at most 50: the loss fell by less than 0.2 %/);
});

test('train of explicit feedback shows lists at every k, and errors beside those of means', async (t) => {
  const { args } = smallTraining(t);

  const { status, stdout } = await seesaw([
    ...args,
    ...['--feedback', 'explicit', '--k', '3,5', '--quiet'],
  ]);

  t.is(status, 0);
  t.regex(stdout, /recall@3 .* recall@5 .* item mean .* RMSE .* MAE /s);
});

test('train without titles shows items by their ids', async (t) => {
  const { args, file, model } = smallTraining(t);

  const { stdout } = await seesaw([
    ...args.filter((arg) => arg !== file),
    '--sql',
    `select * from '${file}'`,
  ]);

  t.regex(stdout, /titles +none/);
  t.regex(stdout, /│ \d\.\d{3,4} {2}1\d\d /);
  t.notRegex(stdout, /with titles/);
  const similar = await seesaw(['similar', model, '--title', 'Film']);
  t.is(similar.status, 2);
  t.regex(similar.stderr, /^seesaw: found --title and a model that keeps no titles.*try --titles/);
});

test('train --no-titles keeps none of those beside the ratings', async (t) => {
  const { args, model } = smallTraining(t);

  const { status, stdout } = await seesaw([...args, '--no-titles', '--quiet', '--no-holdout']);

  t.is(status, 0);
  t.regex(stdout, /titles +none/);
  t.is((await loadModel(model)).titles.size, 0);
});

test('train --json keeps titles too, and says if a file has none of the items', async (t) => {
  const { args, model, folder } = smallTraining(t);
  const file = join(folder, 'others.csv');
  writeFileSync(file, 'movieId,title\n7,Seven\n');

  await seesaw([...args, '--json']);
  const kept = (await loadModel(model)).titles.size;
  const { stdout } = await seesaw([...args, '--quiet', '--titles', file]);

  t.is(kept, 16);
  t.regex(stdout, /, with titles of 0 of 16 items; try next:/);
  t.is((await loadModel(model)).titles.size, 0);
});

test('train on six lines withholds what it can, and shows lists', async (t) => {
  const { folder, model } = smallTraining(t);
  const file = join(folder, 'tiny.csv');
  writeFileSync(file, 'user,item\nann,tea\nann,jam\nbob,tea\nbob,bun\ncat,jam\n');

  const { status, stdout, stderr } = await seesaw(['train', file, '--output', model]);

  t.is(status, 0, stderr);
  t.regex(stdout, /withheld +2 to measure on.*\n +one of each user with two or more/);
  t.regex(stdout, /most similar to/);
});

test('train on users with one rating each measures nothing, and says so', async (t) => {
  const { folder, model } = smallTraining(t);
  const file = join(folder, 'tiny.csv');
  writeFileSync(file, 'user,item\nann,tea\nbob,tea\ncat,jam\n');

  const { status, stdout, stderr } = await seesaw(['train', file, '--output', model]);

  t.is(status, 0, stderr);
  t.regex(stdout, /withheld +none: no user has two ratings/);
});
