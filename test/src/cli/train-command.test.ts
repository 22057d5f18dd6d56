import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadModel } from '../../../src/model/store/load-model.js';
import { seesaw, temporaryFolder, writeTwoTastes } from '../../helpers/programs/command-line.js';

const eventsOn = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** A folder with ratings, and arguments to train on them quickly. */
function given(t: ExecutionContext) {
  const folder = temporaryFolder();
  t.teardown(folder.remove);
  const file = writeTwoTastes(folder.path);
  const model = join(folder.path, 'model');
  const small = ['--rank', '4', '--iterations', '3', '--threads', '0'];
  return { folder: folder.path, file, model, args: ['train', file, '--output', model, ...small] };
}

test('train shows people the data, figures, a plot, titles and the next command', async (t) => {
  const { args, model } = given(t);
  // With these, the lists change from iteration to iteration.
  const loss = ['--preset', 'paper', '--alpha', '5', '--regularization', '10', '--start', 'random'];

  const { status, stdout, stderr } = await seesaw([...args, ...loss]);

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
  const { args, model } = given(t);

  const { status, stdout, stderr } = await seesaw([...args, '--json']);

  t.is(status, 0);
  t.is(stderr, '');
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const iteration = ['phase', 'phase', 'iteration'];
  t.deepEqual(
    events.map(({ type }) => type),
    ['started', ...iteration, ...iteration, ...iteration, 'saved', 'evaluation', 'finished'],
  );
  t.like(events.at(-1), { iterations: 3, modelPath: model });
  t.like(events.at(-2), { model: { k: [20], users: 24 }, mostPopular: { k: [20] } });
});

test('train --no-holdout trains on every rating and measures nothing', async (t) => {
  const { args } = given(t);

  const { status, stdout } = await seesaw([...args, '--no-holdout', '--json']);

  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.is(status, 0);
  t.is(events[0].heldOut, 0);
  t.false(events.some(({ type }) => type === 'evaluation'));
});

const keeps = test.macro({
  async exec(t, flags: readonly string[], settings: object) {
    const { args, model } = given(t);

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
  const { file, model } = given(t);
  const args = ['train', file, '--rank', '4', '--threads', '0', '--output', model];

  const lists = await seesaw([...args, '--quiet']);
  const loss = await seesaw([...args, '--no-holdout', '--quiet']);

  t.regex(lists.stdout, /^model +rank 4, at most 50 iterations of cg$/m);
  t.regex(lists.stdout, /^loss +ials, alpha 0, unobserved weight 0\.\d+, regularization 0\.\d+,/m);
  t.regex(lists.stdout, /chosen for \d+ % of the cells being rated and rank 4/);
  t.regex(
    lists.stdout,
    /\d+ iterations? of at most 50: NDCG@20 on withheld\s+ratings gained less than 0.2 %/,
  );
  t.regex(loss.stdout, /\d+ iterations of at most 50: the loss fell by less than 0.2 %/);
});

test('train of explicit feedback shows lists at every k, and errors beside those of means', async (t) => {
  const { args } = given(t);

  const { status, stdout } = await seesaw([
    ...args,
    ...['--feedback', 'explicit', '--k', '3,5', '--quiet'],
  ]);

  t.is(status, 0);
  t.regex(stdout, /recall@3 .* recall@5 .* item mean .* RMSE .* MAE /s);
});

test('train without titles shows items by their ids', async (t) => {
  const { args, file, model } = given(t);

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
  const { args, model } = given(t);

  const { status, stdout } = await seesaw([...args, '--no-titles', '--quiet', '--no-holdout']);

  t.is(status, 0);
  t.regex(stdout, /titles +none/);
  t.is((await loadModel(model)).titles.size, 0);
});

test('train --json keeps titles too, and says if a file has none of the items', async (t) => {
  const { args, model, folder } = given(t);
  const file = join(folder, 'others.csv');
  writeFileSync(file, 'movieId,title\n7,Seven\n');

  await seesaw([...args, '--json']);
  const kept = (await loadModel(model)).titles.size;
  const { stdout } = await seesaw([...args, '--quiet', '--titles', file]);

  t.is(kept, 16);
  t.regex(stdout, /, with titles of 0 of 16 items; try next:/);
  t.is((await loadModel(model)).titles.size, 0);
});

test('train on a file that is not there fails and says so', async (t) => {
  const { folder } = given(t);

  const { status, stdout, stderr } = await seesaw(['train', join(folder, 'rating.csv')]);

  t.is(status, 1);
  t.is(stdout, '');
  t.regex(stderr, /^seesaw: .*rating\.csv.* \(ERR_FILE_NOT_FOUND\)$/m);
  t.notRegex(stderr, /^ {4}at /m);
});

test('train into a folder with other files fails before it reads anything', async (t) => {
  const { folder, file } = given(t);

  const { status, stdout, stderr } = await seesaw(['train', file, '--output', folder]);

  t.is(status, 1);
  t.is(stdout, '');
  t.regex(stderr, /^seesaw: found .* \(ERR_MODEL_TARGET\)$/m);
});

test('train with an impossible checkpoint folder fails before it reads anything', async (t) => {
  const { folder, file } = given(t);
  const checkpoint = join(file, 'run');

  const { status, stderr } = await seesaw([
    ...['train', join(folder, 'missing.csv'), '--output', join(folder, 'model')],
    ...['--checkpoint', checkpoint],
  ]);

  t.is(status, 1);
  t.regex(stderr, /^seesaw: found .* \(ERR_CHECKPOINT_UNWRITABLE\)$/m);
});

test('--verbose shows where an error comes from', async (t) => {
  const { folder } = given(t);

  const { status, stderr } = await seesaw(['--verbose', 'train', join(folder, 'rating.csv')]);

  t.is(status, 1);
  t.regex(stderr, /^ {4}at /m);
});

const isWrongUsage = test.macro({
  async exec(t, wrong: readonly string[], complaint: RegExp) {
    const { args, model } = given(t);

    const { status, stdout, stderr } = await seesaw([...args, ...wrong]);

    t.is(status, 2, stderr);
    t.is(stdout, '');
    t.regex(stderr, complaint);
    t.false(existsSync(model));
  },
  title: (_, wrong: readonly string[]) => `train ${wrong.join(' ')} is wrong usage`,
});

test(isWrongUsage, ['--rnak', '8'], /^seesaw: unknown option '--rnak'/);
test(isWrongUsage, ['--rank', 'eight'], /^seesaw: .*--rank.*Expected a number/);
test(isWrongUsage, ['--rank', '0'], /^seesaw: option --rank is 0; expected an integer/m);
test(isWrongUsage, ['--rank', '513'], /^seesaw: option --rank is 513; expected .*subspace/m);
test(isWrongUsage, ['--subspace-size', '9'], /^seesaw: option --subspace-size is 9/m);
test(isWrongUsage, ['--cg-steps', '0.5'], /^seesaw: option --cg-steps is 0.5/m);
test(isWrongUsage, ['--holdout', '1'], /^seesaw: .*--holdout.*share/);
test(isWrongUsage, ['--k', '0'], /^seesaw: option --k is \[0\]/m);
test(
  isWrongUsage,
  ['--preset', 'paper', '--feedback', 'explicit'],
  /--preset paper with --feedback/,
);
test(isWrongUsage, ['--alpha', 'much'], /Expected a number or 'auto'/);
test(isWrongUsage, ['--alpha', '2', '--feedback', 'explicit'], /^seesaw: option --alpha /m);
test(isWrongUsage, ['--biases'], /^seesaw: option --biases is true; expected false, or feedback/m);
test(isWrongUsage, ['--nonnegative', '--solver', 'cg'], /^seesaw: option --solver .*cholesky/m);
test(isWrongUsage, ['--duplicates', 'first'], /^seesaw: .*Allowed choices are last/);
test(isWrongUsage, ['--sql', 'select 1'], /^seesaw: found files and --sql/m);

test('Ctrl-C keeps the model so far, with status 130', async (t) => {
  const { args, model } = given(t);

  const { status, stdout, stderr } = await seesaw([...args, '--iterations', '1000000', '--json'], {
    interruptAt: '"type":"iteration","iteration":2',
  });

  t.is(status, 130);
  t.regex(stderr, /^stopped after \d+ iterations; the model so far is saved in /);
  t.is(eventsOn(stdout).at(-1).type, 'saved');
  t.true((await loadModel(model)).recommend(1, { count: 3 }).length > 0);
});

test('Ctrl-C before the first iteration leaves what was there', async (t) => {
  const { args, model } = given(t);

  const { status, stderr } = await seesaw([...args, '--rank', '512', '--solver', 'cholesky'], {
    onFirstOutput: ({ interrupt }) => interrupt(),
  });

  t.is(status, 130);
  t.is(stderr.split('\n').at(-2), 'stopped; nothing was saved');
  t.false(existsSync(model));
});

test('if a report fails, the model stays saved, and the error says so', async (t) => {
  const { args, model } = given(t);

  const fails = `const { write } = process.stdout;
    process.stdout.write = function (text, ...rest) {
      if (text.includes('ranking of')) throw new Error('no room');
      return write.call(this, text, ...rest);
    };`;

  const { status, stderr } = await seesaw([...args, '--quiet'], {
    env: { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(fails)}` },
  });

  t.is(status, 1);
  t.regex(stderr, /the model is saved in .*, but could not be measured or shown/);
  t.true(existsSync(join(model, 'manifest.json')));
});

test('train on six lines withholds what it can, and shows lists', async (t) => {
  const { folder, model } = given(t);
  const file = join(folder, 'tiny.csv');
  writeFileSync(file, 'user,item\nann,tea\nann,jam\nbob,tea\nbob,bun\ncat,jam\n');

  const { status, stdout, stderr } = await seesaw(['train', file, '--output', model]);

  t.is(status, 0, stderr);
  t.regex(stdout, /withheld +2 to measure on.*\n +one of each user with two or more/);
  t.regex(stdout, /most similar to/);
});

test('train on users with one rating each measures nothing, and says so', async (t) => {
  const { folder, model } = given(t);
  const file = join(folder, 'tiny.csv');
  writeFileSync(file, 'user,item\nann,tea\nbob,tea\ncat,jam\n');

  const { status, stdout, stderr } = await seesaw(['train', file, '--output', model]);

  t.is(status, 0, stderr);
  t.regex(stdout, /withheld +none: no user has two ratings/);
});

test('Ctrl-C stops the training on threads', async (t) => {
  const { args } = given(t);

  const { status } = await seesaw(
    [...args, '--iterations', '1000000', '--threads', '2', '--json'],
    {
      onFirstOutput: ({ interrupt }) => interrupt(),
    },
  );

  t.is(status, 130);
});

test('train ends quietly when the reader of its output goes away', async (t) => {
  const { args, model } = given(t);

  const { status, stderr } = await seesaw([...args, '--iterations', '1000000', '--json'], {
    onFirstOutput: ({ stopReading }) => stopReading(),
  });

  t.is(status, 141);
  t.is(stderr, '');
  t.false(existsSync(model));
});

test('train --checkpoint --resume starts, and continues to the same figures', async (t) => {
  const { args, folder } = given(t);
  const keeping = ['--checkpoint', join(folder, 'run'), '--resume', '--json'];

  const first = await seesaw([...args, ...keeping]);
  const second = await seesaw([...args, ...keeping, '--iterations', '5']);
  const undisturbed = await seesaw([...args, '--json', '--iterations', '5']);

  t.deepEqual([first.status, second.status, undisturbed.status], [0, 0, 0], second.stderr);
  const [started, ...events] = eventsOn(second.stdout);
  t.is(eventsOn(first.stdout)[0].resumed, undefined);
  t.is(started.resumed.iteration, 3);
  t.deepEqual(
    events.filter(({ type }) => type === 'checkpoint').map(({ iteration }) => iteration),
    [4, 5],
  );
  const last = (all: { type: string; loss: object }[]) =>
    all.filter(({ type }) => type === 'iteration').at(-1)!.loss;
  t.deepEqual(last(events), last(eventsOn(undisturbed.stdout)));
});

test('train --resume shows people where it continues', async (t) => {
  const { args, folder } = given(t);
  const run = join(folder, 'run');
  await seesaw([...args, '--checkpoint', run]);

  const { stdout, stderr } = await seesaw([...args, '--iterations', '4', '--resume', run]);

  t.regex(stdout, /resumed +after iteration 3/);
  t.regex(stderr, /^iteration 4\/4 /m);
  t.notRegex(stderr, /^iteration 3\/4 /m);
});

test('train --resume without a checkpoint says what to try', async (t) => {
  const { args, folder } = given(t);

  const { status, stderr } = await seesaw([...args, '--resume', join(folder, 'run')]);

  t.is(status, 1);
  t.regex(stderr, /found no checkpoint in .*ERR_CHECKPOINT_NOT_FOUND/);
});

test('Ctrl-C prints the command that continues from the last checkpoint', async (t) => {
  const { args, folder } = given(t);
  const endless = [
    ...args,
    '--iterations',
    '1000000',
    '--json',
    '--checkpoint',
    join(folder, 'run'),
  ];

  const first = await seesaw(endless, { interruptAt: '"type":"checkpoint","iteration":2' });
  const [advice, command] = first.stderr.trimEnd().split('\n');
  const again = command!.trim().split(' ').slice(2);
  const second = await seesaw(again, { interruptAt: '"resumed":' });

  t.is(first.status, 130);
  t.regex(
    advice!,
    /^stopped after \d+ iterations; the model so far is saved in .*; go on from the last checkpoint with$/,
  );
  t.deepEqual(again, [...endless, '--resume', join(folder, 'run')]);
  t.is(second.status, 130);
  t.true(eventsOn(second.stdout)[0].resumed.iteration >= 2);
  t.is(second.stderr.split('\n')[1], first.stderr.split('\n')[1]);
});

test(isWrongUsage, ['--checkpoint-every', '2'], /^seesaw: found a rule for checkpoints but no/);
test(
  isWrongUsage,
  ['--checkpoint', 'x', '--checkpoint-every', '0'],
  /^seesaw: option --checkpoint-every is 0/,
);
test(isWrongUsage, ['--resume'], /^seesaw: found --resume without a folder; .*--checkpoint/);
