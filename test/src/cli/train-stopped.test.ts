import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { loadModel } from '../../../src/model/store/load-model.js';
import { smallTraining } from '../../helpers/builders/small-training.js';
import { eventsOn, seesaw as seesawProcess } from '../../helpers/programs/command-line.js';
import { seesaw } from '../../helpers/programs/commands-in-turn.js';

test('Ctrl-C keeps the model so far, with status 130', async (t) => {
  const { args, model } = smallTraining(t);

  const { status, stdout, stderr } = await seesawProcess(
    [...args, '--iterations', '1000000', '--json'],
    {
      interruptAt: '"type":"iteration","iteration":2',
    },
  );

  t.is(status, 130);
  t.regex(stderr, /^stopped after \d+ iterations; the model so far is saved in /);
  t.is(eventsOn(stdout).at(-1).type, 'saved');
  t.true((await loadModel(model)).recommend(1, { count: 3 }).length > 0);
});

test('a terminal that is closed keeps the model so far, with status 129', async (t) => {
  const { args, model } = smallTraining(t);

  const { status, stderr } = await seesawProcess([...args, '--iterations', '1000000', '--json'], {
    interruptAt: '"type":"iteration","iteration":2',
    // From the shell and from the system.
    interruptBy: ['SIGHUP', 'SIGHUP'],
  });

  t.is(status, 129);
  t.regex(stderr, /^stopped after \d+ iterations; the model so far is saved in /);
  t.true((await loadModel(model)).recommend(1, { count: 3 }).length > 0);
});

test('Ctrl-C before the first iteration leaves what was there', async (t) => {
  const { args, model } = smallTraining(t);

  const { status, stderr } = await seesawProcess(
    [...args, '--rank', '512', '--solver', 'cholesky'],
    {
      onFirstOutput: ({ interrupt }) => interrupt(),
    },
  );

  t.is(status, 130);
  t.is(stderr.split('\n').at(-2), 'stopped; nothing was saved');
  t.false(existsSync(model));
});

test('Ctrl-C stops the training on threads', async (t) => {
  const { args } = smallTraining(t);

  const { status } = await seesawProcess(
    [...args, '--iterations', '1000000', '--threads', '2', '--json'],
    {
      onFirstOutput: ({ interrupt }) => interrupt(),
    },
  );

  t.is(status, 130);
});

test('Ctrl-C prints the command that continues from the last checkpoint', async (t) => {
  const { args, folder } = smallTraining(t);
  const endless = [
    ...args,
    '--iterations',
    '1000000',
    '--json',
    '--checkpoint',
    join(folder, 'run'),
  ];

  const first = await seesawProcess(endless, { interruptAt: '"type":"checkpoint","iteration":2' });
  const [advice, command] = first.stderr.trimEnd().split('\n');
  const again = command!.trim().split(' ').slice(2);
  const second = await seesawProcess(again, { interruptAt: '"resumed":' });

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

test('train ends quietly when the reader of its output goes away', async (t) => {
  const { args, model } = smallTraining(t);

  const { status, stderr } = await seesawProcess([...args, '--iterations', '1000000', '--json'], {
    onFirstOutput: ({ stopReading }) => stopReading(),
  });

  t.is(status, 141);
  t.is(stderr, '');
  t.false(existsSync(model));
});

test('if a report fails, the model stays saved, and the error says so', async (t) => {
  const { args, model } = smallTraining(t);

  const fails = `const { write } = process.stdout;
    process.stdout.write = function (text, ...rest) {
      if (text.includes('ranking of')) throw new Error('no room');
      return write.call(this, text, ...rest);
    };`;

  const { status, stderr } = await seesawProcess([...args, '--quiet'], {
    env: { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(fails)}` },
  });

  t.is(status, 1);
  t.regex(stderr, /the model is saved in .*, but could not be measured or shown/);
  t.true(existsSync(join(model, 'manifest.json')));
});

test('train --checkpoint --resume starts, and continues to the same figures', async (t) => {
  const { args, folder } = smallTraining(t);
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
  const { args, folder } = smallTraining(t);
  const run = join(folder, 'run');
  await seesaw([...args, '--checkpoint', run]);

  const { stdout, stderr } = await seesaw([...args, '--iterations', '4', '--resume', run]);

  t.regex(stdout, /resumed +after iteration 3/);
  t.regex(stderr, /^iteration 4\/4 /m);
  t.notRegex(stderr, /^iteration 3\/4 /m);
});
