import test from 'ava';
import { of, takeWhile, tap } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import { holdout } from '../../../dataflow/splits/holdout.js';
import { train } from '../../../dataflow/training/train.js';
import {
  type NoImprovementOptions,
  untilNoImprovement,
} from '../../../dataflow/training/until-no-improvement.js';
import { CheckpointError, InvalidOptionError } from '../../../src/errors.js';
import { paperSettings } from '../../../src/training/options.js';
import { randomRatings } from '../../helpers/builders/jobs.js';
import { passes } from '../../helpers/builders/marbles.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { iterationEvent, startedEvent } from '../../helpers/builders/training-events.js';
import { eventsOf, factorsOfRun, finishedOf } from '../../helpers/probes/events.js';

const a = iterationEvent(1, { validation: 3 });
const b = iterationEvent(2, { validation: 2 });
const c = iterationEvent(3, { validation: 2.1 });
const d = iterationEvent(4, { validation: 1 });
const e = iterationEvent(5, { validation: 1 });
const n = iterationEvent(6, { validation: Number.NaN });
const s = startedEvent();
const r = startedEvent([a, b, c], 2);
const emits = passes({ a, b, c, d, e, n, s, r });
const until = untilNoImprovement;

test('never: stays subscribed', emits, until(), '-', '-', '^');
test('empty: completes', emits, until(), '--|', '--|', '^-!');
test('one iteration is the best', emits, until(), '-s-a-1|', '-s-a-1|', '^-----!');
test(
  'ends when there is no new best, with the model of the best',
  emits,
  until(),
  '-s-a-b-c-d-',
  '-s-a-b-(c2|)',
  '^------!',
);
test(
  'keeps the last model if asked',
  emits,
  until({ keep: 'last' }),
  '-s-a-b-c-d-',
  '-s-a-b-(c3|)',
  '^------!',
);
test(
  'patience waits for a new best',
  emits,
  until({ patience: 2 }),
  '-s-a-b-c-d-4|',
  '-s-a-b-c-d-4|',
  '^-----------!',
);
test('a figure that only stays is no new best', emits, until(), '-s-d-e-', '-s-d-(e4|)', '^----!');
test(
  'a figure that is no number is no new best',
  emits,
  until({ patience: 2 }),
  '-s-d-n-',
  '-s-d-(n4|)',
  '^----!',
);
test(
  'a run that ends by itself gives the best model too',
  emits,
  until({ patience: 2 }),
  '-s-a-b-c-3|',
  '-s-a-b-c-2|',
  '^---------!',
);
test(
  'a run that ends by itself gives the last model if asked',
  emits,
  until({ patience: 2, keep: 'last' }),
  '-s-a-b-c-3|',
  '-s-a-b-c-3|',
  '^---------!',
);
test(
  'a resumed run counts the iterations before, and gives the best of all',
  emits,
  until({ patience: 3 }),
  '-r-c-n-',
  '-r-c-(n2|)',
  '^----!',
);
test('a resumed run that had ended ends at once', emits, until(), '-r-c-n-', '-(r2|)', '^!');
test(
  'a resumed run that had ended ends with its last model if asked',
  emits,
  until({ keep: 'last' }),
  '-r-c-n-',
  '-(r3|)',
  '^!',
);
test('errors of the source pass through', emits, until(), '-s-a-#', '-s-a-#', '^----!');
test('unsubscribing leaves the source', emits, until(), '-s-a-b-c-', '-s-a--', '^----!', '^----!');

test('a run without anything withheld is an error of the stream', async (t) => {
  await t.throwsAsync(eventsOf(of(s, iterationEvent(1)).pipe(until())), {
    instanceOf: InvalidOptionError,
    message: /holdout/,
  });
});

test('wrong options are refused at once', (t) => {
  const wrong = (options: object) =>
    t.throws(() => until(options as NoImprovementOptions), { instanceOf: InvalidOptionError });

  t.is(wrong({ metric: 'recall' })?.option, 'metric');
  t.is(wrong({ patience: 0 })?.option, 'patience');
  t.is(wrong({ keep: 'first' })?.option, 'keep');
  t.is(wrong({ minGain: 1 })?.option, 'minGain');
});

test('a run that overfits is stopped and gives the model of its best iteration', async (t) => {
  const ratings = randomRatings({ users: 60, items: 50, density: 0.2 });
  const options = {
    ...paperSettings,
    rank: 16,
    alpha: 1,
    iterations: 1000,
    placement: inProcess(),
  };
  const models = new Map<number, Float32Array[]>();
  const figures: number[] = [];

  const events = await eventsOf(
    of(ratings).pipe(
      holdout({ seed: 3 }),
      train(options),
      tap((event) => {
        if (event.type !== 'iteration') return;
        const { userFactors, itemFactors } = event.model();
        models.set(event.iteration, [userFactors, itemFactors]);
        figures.push(event.validation!.preferenceRmse);
      }),
      until({ metric: 'preferenceRmse', patience: 3 }),
    ),
  );

  const best = 1 + figures.indexOf(Math.min(...figures));
  t.is(finishedOf(events).iterations, best);
  t.is(figures.length, best + 3);
  t.deepEqual(factorsOfRun(events), models.get(best));
});

const overfitting = {
  ...paperSettings,
  rank: 16,
  alpha: 1,
  iterations: 1000,
  placement: inProcess(),
};
const stopping = { metric: 'preferenceRmse', patience: 3 } as const;
const split$ = () =>
  of(randomRatings({ users: 60, items: 50, density: 0.2 })).pipe(holdout({ seed: 3 }));

const goesOn = test.macro(async (t, stopping: NoImprovementOptions & { patience: number }) => {
  const undisturbed = await eventsOf(split$().pipe(train(overfitting), until(stopping)));
  const { iterations } = finishedOf(undisturbed);

  for (let last = 1; last < iterations + stopping.patience; last++) {
    const path = await scratchFolder(t);
    const kept = { ...overfitting, checkpoint: { path, keep: 1 }, resume: true };
    await eventsOf(
      split$().pipe(
        train(kept),
        until(stopping),
        takeWhile((event) => event.type !== 'checkpoint' || event.iteration < last),
      ),
    );

    const resumed = await eventsOf(split$().pipe(train(kept), until(stopping)));

    t.is(finishedOf(resumed).iterations, iterations, `interrupted after iteration ${last}`);
    t.deepEqual(factorsOfRun(resumed), factorsOfRun(undisturbed));
  }
});

test(
  'a run that is interrupted at any iteration and resumed gives the same model',
  goesOn,
  stopping,
);
test('so does one that goes by its lists, which checkpoints hold too', goesOn, {
  ...{ metric: 'ndcg@20', patience: 3, minGain: 0.002 },
});

test('lists get better by rising, and a gain that is too small is none', async (t) => {
  const listed = (iteration: number, ndcg: number) => {
    const { validation, ...event } = iterationEvent(iteration, { validation: 1 });
    const lists = { 'ndcg@20': ndcg, 'recall@20': 0, users: 3 };
    return { ...event, validation: { ...validation!, ...lists } };
  };
  const rising = [0.2, 0.3, 0.301, 0.29].map((ndcg, at) => listed(at + 1, ndcg));
  const endAfter = async (options: NoImprovementOptions) => {
    const events = await eventsOf(of(s, ...rising).pipe(until({ metric: 'ndcg@20', ...options })));
    return events.at(-1)!.type === 'finished' ? finishedOf(events).iterations : undefined;
  };

  t.is(await endAfter({}), 3);
  t.is(await endAfter({ minGain: 0.01 }), 2);
  t.is(await endAfter({ patience: 2 }), undefined);
});

test('a best model that no checkpoint holds is an error', async (t) => {
  const { iterations } = finishedOf(
    await eventsOf(split$().pipe(train(overfitting), until(stopping))),
  );
  const path = await scratchFolder(t);
  const settings = { ...overfitting, checkpoint: { path }, resume: true };
  await eventsOf(split$().pipe(train({ ...settings, iterations: iterations + 1 })));

  await t.throwsAsync(eventsOf(split$().pipe(train(settings), until(stopping))), {
    instanceOf: CheckpointError,
    code: 'ERR_CHECKPOINT_MISMATCH',
  });
});
