import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { smallTraining } from '../../helpers/builders/small-training.js';
import { seesaw as seesawProcess } from '../../helpers/programs/command-line.js';
import { seesaw } from '../../helpers/programs/commands-in-turn.js';

test('train on a file that is not there fails and says so', async (t) => {
  const { folder } = smallTraining(t);

  const { status, stdout, stderr } = await seesawProcess(['train', join(folder, 'rating.csv')]);

  t.is(status, 1);
  t.is(stdout, '');
  t.regex(stderr, /^seesaw: .*rating\.csv.* \(ERR_FILE_NOT_FOUND\)$/m);
  t.notRegex(stderr, /^ {4}at /m);
});

test('train into a folder with other files fails before it reads anything', async (t) => {
  const { folder, file } = smallTraining(t);

  const { status, stdout, stderr } = await seesaw(['train', file, '--output', folder]);

  t.is(status, 1);
  t.is(stdout, '');
  t.regex(stderr, /^seesaw: found .* \(ERR_MODEL_TARGET\)$/m);
});

test('train with an impossible checkpoint folder fails before it reads anything', async (t) => {
  const { folder, file } = smallTraining(t);
  const checkpoint = join(file, 'run');

  const { status, stderr } = await seesaw([
    ...['train', join(folder, 'missing.csv'), '--output', join(folder, 'model')],
    ...['--checkpoint', checkpoint],
  ]);

  t.is(status, 1);
  t.regex(stderr, /^seesaw: found .* \(ERR_CHECKPOINT_UNWRITABLE\)$/m);
});

test('train --resume without a checkpoint says what to try', async (t) => {
  const { args, folder } = smallTraining(t);

  const { status, stderr } = await seesaw([...args, '--resume', join(folder, 'run')]);

  t.is(status, 1);
  t.regex(stderr, /found no checkpoint in .*ERR_CHECKPOINT_NOT_FOUND/);
});

test('--verbose shows where an error comes from', async (t) => {
  const { folder } = smallTraining(t);

  const { status, stderr } = await seesaw(['--verbose', 'train', join(folder, 'rating.csv')]);

  t.is(status, 1);
  t.regex(stderr, /^ {4}at /m);
});

const isWrongUsage = test.macro({
  async exec(t, wrong: readonly string[], complaint: RegExp) {
    const { args, model } = smallTraining(t);

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
test(isWrongUsage, ['--output', ''], /^seesaw: found nothing as --output; expected a value/);
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
test(
  isWrongUsage,
  ['https://a.example/b.csv'],
  /^seesaw: found "https:.*"; expected a path of this machine, or --network with it \(/m,
);
test(isWrongUsage, ['--checkpoint-every', '2'], /^seesaw: found a rule for checkpoints but no/);
test(
  isWrongUsage,
  ['--checkpoint', 'x', '--checkpoint-every', '0'],
  /^seesaw: option --checkpoint-every is 0/,
);
test(isWrongUsage, ['--resume'], /^seesaw: found --resume without a folder; .*--checkpoint/);
