import { mkdirSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { of, take, takeWhile, tap } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import type { Placement } from '../../../actors/placements/placement.js';
import { threads } from '../../../actors/placements/threads/threads.js';
import { holdout } from '../../../dataflow/splits/holdout.js';
import { type TrainingOptions, train } from '../../../dataflow/training/train.js';
import type { TrainingEvent } from '../../../dataflow/training/training-event.js';
import { CheckpointError, InvalidOptionError } from '../../../src/errors.js';
import { paperSettings } from '../../../src/training/options.js';
import { randomRatings } from '../../helpers/builders/jobs.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import {
  errorsOfRun,
  eventsOf,
  factorsOfRun,
  finishedOf,
  outline,
} from '../../helpers/probes/events.js';
import { untilTrue } from '../../helpers/probes/resources.js';

const shape = { users: 60, items: 50, density: 0.2 };
const options = { rank: 6, iterations: 6, blocks: 3, placement: inProcess() };

const run = (more: TrainingOptions, ratings = randomRatings(shape)): Promise<TrainingEvent[]> =>
  eventsOf(of(ratings).pipe(train({ ...options, ...more })));

const started = (events: readonly TrainingEvent[]) => {
  const event = events.find(({ type }) => type === 'started');
  return event?.type === 'started' ? event : undefined;
};

test('checkpoints come after every n iterations and after the last, and the last two stay', async (t) => {
  const path = await scratchFolder(t);

  const events = await run({ iterations: 5, checkpoint: { path, every: 2 } });

  t.deepEqual(
    outline(events).filter((line) => line.startsWith('checkpoint')),
    ['checkpoint 2', 'checkpoint 4', 'checkpoint 5'],
  );
  t.is(events.at(-1)!.type, 'finished');
  // Names without the part that tells one write from another.
  t.deepEqual((await readdir(path)).map((name) => name.replace(/\.[0-9a-f-]{26}/, '')).sort(), [
    'checkpoint-4.item-factors.arrow',
    'checkpoint-4.json',
    'checkpoint-4.user-factors.arrow',
    'checkpoint-5.item-factors.arrow',
    'checkpoint-5.json',
    'checkpoint-5.user-factors.arrow',
  ]);
  let bytes = 0;
  for (const name of await readdir(path)) {
    if (name.startsWith('checkpoint-5')) bytes += (await readFile(join(path, name))).length;
  }
  const last = events.filter((event) => event.type === 'checkpoint').at(-1)!;
  t.like(last, { path, bytes, iteration: 5 });
});

test('keep says how many checkpoints stay', async (t) => {
  const path = await scratchFolder(t);

  await run({ checkpoint: { path, keep: 4 } });

  const manifests = (await readdir(path)).filter((name) => name.endsWith('.json'));
  t.deepEqual(
    manifests.sort(),
    [3, 4, 5, 6].map((n) => `checkpoint-${n}.json`),
  );
});

const settings: Record<string, TrainingOptions> = {
  cg: {},
  cholesky: { solver: 'cholesky' },
  subspace: { solver: 'subspace', rank: 20, subspaceSize: 8 },
  'the float64 reference': { kernel: 'reference' },
  explicit: { feedback: 'explicit', regularization: 0.1, regularizationExponent: 1 },
};
for (const [name, setting] of Object.entries(settings)) {
  for (const stopAt of [1, 2, 3]) {
    test(`${name}: stopped after iteration ${stopAt}, a run goes on to the same events and bits`, async (t) => {
      const path = await scratchFolder(t);
      const split = () => of(randomRatings(shape)).pipe(holdout({ seed: 7 }));
      const more = { ...options, ...setting };
      const undisturbed = await eventsOf(split().pipe(train(more)));
      const checkpoint = { path };
      await eventsOf(split().pipe(train({ ...more, iterations: stopAt, checkpoint })));

      const resumed = await eventsOf(split().pipe(train({ ...more, resume: path })));

      const errors = errorsOfRun(undisturbed);
      const { iteration, history } = started(resumed)!.resumed!;
      t.is(iteration, stopAt);
      t.deepEqual(history, errors.slice(0, stopAt) as never);
      t.deepEqual(errorsOfRun(resumed), errors.slice(stopAt));
      t.deepEqual(factorsOfRun(resumed), factorsOfRun(undisturbed));
    });
  }
}

test('a run that is stopped in the middle goes on from its last checkpoint, elsewhere', async (t) => {
  const path = await scratchFolder(t);
  const ratings = randomRatings(shape);
  const used = ratings.arena.usedBytes;
  const undisturbed = await run({ iterations: 9 });
  await eventsOf(
    of(ratings).pipe(
      train({ ...options, iterations: 9, checkpoint: { path, every: 2, keep: 1 } }),
      takeWhile((event) => event.type !== 'checkpoint' || event.iteration < 4),
    ),
  );
  t.true(await untilTrue(() => ratings.arena.usedBytes === used));

  const checkpoint = { path, every: 3 };
  const more = { iterations: 9, resume: true, checkpoint, placement: threads(2) };
  const resumed = await run(more, ratings);

  t.is(started(resumed)!.resumed!.iteration, 4);
  t.deepEqual(factorsOfRun(resumed), factorsOfRun(undisturbed));
});

test('a job in parts goes on from a checkpoint of a job in one memory, and the other way round', async (t) => {
  const split = () =>
    of(randomRatings({ users: 200, items: 160, density: 0.2 })).pipe(holdout({ seed: 7 }));
  const more = { ...options, blocks: 6, iterations: 4 };
  const inParts: Placement = { ...inProcess(), partBytes: 140_000 };
  const undisturbed = await eventsOf(split().pipe(train(more)));
  for (const [before, after] of [
    [inProcess(), inParts],
    [inParts, inProcess()],
  ] as const) {
    const path = await scratchFolder(t);
    const checkpoint = { path };
    await eventsOf(split().pipe(train({ ...more, placement: before, iterations: 2, checkpoint })));

    const resumed = await eventsOf(
      split().pipe(train({ ...more, placement: after, resume: path })),
    );

    const copied = resumed.some((event) => event.type === 'phase' && event.broadcastBytes > 0);
    t.is(copied, after === inParts);
    t.deepEqual(errorsOfRun(resumed), errorsOfRun(undisturbed).slice(2));
    t.deepEqual(factorsOfRun(resumed), factorsOfRun(undisturbed));
  }
});

test('a finished run goes on when more iterations are wanted, and is done when not', async (t) => {
  const path = await scratchFolder(t);
  const six = await run({ checkpoint: { path } });
  const eight = await run({ iterations: 8 });

  const again = await run({ resume: path });
  const longer = await run({ iterations: 8, resume: path });

  t.deepEqual(outline(again), ['started', 'finished']);
  t.is(finishedOf(again).iterations, 6);
  t.deepEqual(factorsOfRun(again), factorsOfRun(six));
  t.deepEqual(factorsOfRun(longer), factorsOfRun(eight));
});

test('resume: true begins where there is no checkpoint, and goes on where there is one', async (t) => {
  const path = join(await scratchFolder(t), 'new', 'folder');
  const more = { resume: true, checkpoint: { path } };

  const first = await run({ ...more, iterations: 3 });
  const second = await run(more);

  t.is(started(first)!.resumed, undefined);
  t.is(started(second)!.resumed!.iteration, 3);
  t.deepEqual(factorsOfRun(second), factorsOfRun(await run({})));
});

test('a path to resume from must have a checkpoint', async (t) => {
  const path = await scratchFolder(t);
  const missing = { instanceOf: CheckpointError, code: 'ERR_CHECKPOINT_NOT_FOUND' };

  await t.throwsAsync(run({ resume: path }), missing);
  await t.throwsAsync(run({ resume: join(path, 'nowhere') }), missing);
});

const isRefused = test.macro({
  async exec(t, more: TrainingOptions, differences: readonly string[]) {
    const path = await scratchFolder(t);
    await run({ ...paperSettings, iterations: 2, checkpoint: { path } });
    const ratings = randomRatings(shape);
    const used = ratings.arena.usedBytes;

    const error = await t.throwsAsync(run({ ...paperSettings, ...more, resume: path }, ratings), {
      instanceOf: CheckpointError,
      code: 'ERR_CHECKPOINT_MISMATCH',
    });

    t.deepEqual(error?.differences, differences);
    for (const name of differences) t.regex(error!.message, new RegExp(name));
    t.is(ratings.arena.usedBytes, used);
  },
  title: (_, more) => `${JSON.stringify(more)} does not go on from a checkpoint without it`,
});

test(isRefused, { rank: 5 }, ['rank']);
test(isRefused, { alpha: 2, regularization: 3 }, ['regularization', 'alpha']);
test(isRefused, { seed: 7 }, ['seed']);
test(isRefused, { kernel: 'reference' }, ['kernel']);
test(isRefused, { iterations: 1 }, ['iterations']);

test('starting factors are among the options that must be the same', async (t) => {
  const path = await scratchFolder(t);
  const start = (value: number) => ({
    initialFactors: {
      userFactors: new Float32Array(60 * 6).fill(value),
      itemFactors: new Float32Array(50 * 6).fill(0.1),
    },
  });
  await run({ ...start(0.1), iterations: 2, checkpoint: { path } });

  await t.notThrowsAsync(run({ ...start(0.1), resume: path }));
  const error = await t.throwsAsync(run({ ...start(0.2), resume: path }), {
    instanceOf: CheckpointError,
    code: 'ERR_CHECKPOINT_MISMATCH',
  });
  t.deepEqual(error?.differences, ['initialFactors']);
});

test('a checkpoint of other ratings is refused', async (t) => {
  const path = await scratchFolder(t);
  await run({ iterations: 2, checkpoint: { path } });

  const error = await t.throwsAsync(run({ resume: path }, randomRatings({ ...shape, seed: 2 })), {
    instanceOf: CheckpointError,
    code: 'ERR_CHECKPOINT_MISMATCH',
  });

  t.true(error!.differences.includes('ratings'));
  t.regex(error!.message, /other ratings/);
});

test('a run does not begin where another left checkpoints', async (t) => {
  const path = await scratchFolder(t);
  await run({ iterations: 2, checkpoint: { path } });
  const before = await readdir(path);

  await t.throwsAsync(run({ checkpoint: { path } }), {
    instanceOf: CheckpointError,
    code: 'ERR_CHECKPOINT_TARGET',
  });

  t.deepEqual(await readdir(path), before);
});

test('a run goes on in the directory that it resumes from, however that is spelled', async (t) => {
  const path = await scratchFolder(t);
  await run({ iterations: 2, checkpoint: { path } });

  const resumed = await run({ resume: path, checkpoint: { path: `${path}/.` } });

  t.true(outline(resumed).includes('checkpoint 6'));
});

test('a file is no place for checkpoints', async (t) => {
  const file = join(await scratchFolder(t), 'file');
  await writeFile(file, '');
  const refused = { instanceOf: CheckpointError, code: 'ERR_CHECKPOINT_TARGET' };

  await t.throwsAsync(run({ checkpoint: { path: file } }), refused);
  await t.throwsAsync(run({ resume: file }), refused);
});

test('a damaged checkpoint is passed over for the one before, and a fault tells', async (t) => {
  const path = await scratchFolder(t);
  const undisturbed = await run({});
  await run({ iterations: 3, checkpoint: { path } });
  const last = (await readdir(path)).find((name) => name.startsWith('checkpoint-3.item-factors'));
  await writeFile(join(path, last!), 'half');

  const resumed = await run({ resume: true, checkpoint: { path, every: 2 } });

  t.deepEqual(outline(resumed).slice(0, 3), ['started', 'fault 3', 'phase 3']);
  t.like(resumed[1], { component: 'checkpoint', action: 'use-older' });
  t.is(started(resumed)!.resumed!.iteration, 2);
  t.deepEqual(factorsOfRun(resumed), factorsOfRun(undisturbed));
  t.deepEqual((await readdir(path)).filter((name) => name.endsWith('.json')).sort(), [
    'checkpoint-4.json',
    'checkpoint-6.json',
  ]);
});

test('a directory of damaged checkpoints alone is an error', async (t) => {
  const path = await scratchFolder(t);
  await run({ iterations: 1, checkpoint: { path } });
  const only = (await readdir(path)).find((name) => name.startsWith('checkpoint-1.user-factors'));
  await rm(join(path, only!));

  await t.throwsAsync(run({ resume: true, checkpoint: { path } }), {
    instanceOf: CheckpointError,
    code: 'ERR_CHECKPOINT_DAMAGED',
  });
});

test('a checkpoint that cannot be written is a fault, and training goes on', async (t) => {
  const path = await scratchFolder(t);
  const events = await eventsOf(
    of(randomRatings(shape)).pipe(
      train({ ...options, iterations: 3, checkpoint: { path } }),
      tap((event) => {
        // The manifest is renamed to this name, so a directory there makes it fail.
        if (outline([event])[0] === 'iteration 2') mkdirSync(join(path, 'checkpoint-2.json'));
      }),
    ),
  );

  const [fault] = events.filter((event) => event.type === 'fault');
  t.like(fault, { component: 'checkpoint', iteration: 2, action: 'go-on' });
  t.true(outline(events).includes('checkpoint 3'));
  t.is(finishedOf(events).iterations, 3);
});

test('unsubscribing while a checkpoint is written leaves none half written', async (t) => {
  const path = await scratchFolder(t);
  const ratings = randomRatings(shape);
  const used = ratings.arena.usedBytes;
  await eventsOf(
    of(ratings).pipe(
      train({ ...options, checkpoint: { path } }),
      takeWhile(({ type }) => type !== 'iteration'),
    ),
  );
  await eventsOf(
    of(ratings).pipe(
      train({ ...options, checkpoint: { path } }),
      // The event after the first iteration: its checkpoint is being written.
      take(5),
    ),
  );
  t.true(await untilTrue(() => ratings.arena.usedBytes === used));

  t.deepEqual(
    (await readdir(path)).filter((name) => name.endsWith('.tmp')),
    [],
  );
  t.is(started(await run({ resume: path }))!.resumed!.iteration, 1);
});

test('wrong options of checkpoints throw before anything is subscribed', (t) => {
  const wrong = (options: object) =>
    t.throws(() => train(options as TrainingOptions), { instanceOf: InvalidOptionError });

  t.is(wrong({ checkpoint: {} })?.option, 'checkpoint.path');
  t.is(wrong({ checkpoint: { path: '' } })?.option, 'checkpoint.path');
  t.is(wrong({ checkpoint: { path: 'x', every: 0 } })?.option, 'checkpoint.every');
  t.is(wrong({ checkpoint: { path: 'x', keep: 1.5 } })?.option, 'checkpoint.keep');
  t.is(wrong({ checkpoint: { path: 'x', each: 1 } })?.option, 'checkpoint.each');
  t.is(wrong({ resume: true })?.option, 'resume');
  t.is(wrong({ resume: '' })?.option, 'resume');
  t.is(wrong({ resume: 3 })?.option, 'resume');
});
