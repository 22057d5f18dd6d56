import test from 'ava';
import { of } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import { evaluate } from '../../../dataflow/evaluate.js';
import { holdout } from '../../../dataflow/splits/holdout.js';
import { train } from '../../../dataflow/training/train.js';
import { untilConverged } from '../../../dataflow/training/until-converged.js';
import { InvalidOptionError } from '../../../src/errors.js';
import { randomRatings } from '../../helpers/builders/jobs.js';
import { passes } from '../../helpers/builders/marbles.js';
import { iterationEvent, startedEvent } from '../../helpers/builders/training-events.js';
import { eventsOf, factorsOfRun, finishedOf } from '../../helpers/probes/events.js';
import { activeResources, untilQuiet } from '../../helpers/probes/resources.js';

const a = iterationEvent(1, { loss: 9 });
const b = iterationEvent(2, { loss: 4 });
const c = iterationEvent(3, { loss: 3.9 });
const d = iterationEvent(4, { loss: 3.95 });
const s = startedEvent();
const r = startedEvent([a, b]);
const emits = passes({ a, b, c, d, s, r });

test('never: stays subscribed', emits, untilConverged(0.1), '-', '-', '^');
test('empty: completes', emits, untilConverged(0.1), '--|', '--|', '^-!');
test(
  'one iteration has nothing to fall short of',
  emits,
  untilConverged(0.1),
  '-s-a-1|',
  '-s-a-1|',
  '^-----!',
);
test(
  'passes on what improves enough',
  emits,
  untilConverged(0.1),
  '-s-a-b-2|',
  '-s-a-b-2|',
  '^-------!',
);
test(
  'ends at the iteration that falls short, with its model, and leaves the source',
  emits,
  untilConverged(0.1),
  '-s-a-b-c---d-4|',
  '-s-a-b-(c3|)',
  '^------!',
);
test(
  'with tolerance 0 it ends when the loss rises',
  emits,
  untilConverged(0),
  '-s-a-b-c---d-4|',
  '-s-a-b-c---(d4|)',
  '^----------!',
);
test(
  'a loss that stays is no improvement of any tolerance',
  emits,
  untilConverged(0.1),
  '-s-a-a-',
  '-s-a-(a1|)',
  '^----!',
);
test(
  'a resumed run knows the iteration before',
  emits,
  untilConverged(0.1),
  '-r-c-d-',
  '-r-(c3|)',
  '^--!',
);
test(
  'every run begins anew',
  emits,
  untilConverged(0.1),
  '-s-b-2-s-c-3|',
  '-s-b-2-s-c-3|',
  '^-----------!',
);
test('errors of the source pass through', emits, untilConverged(0.1), '-s-a-#', '-s-a-#', '^----!');
test(
  'unsubscribing leaves the source',
  emits,
  untilConverged(0.1),
  '-s-a-b-c-',
  '-s-a--',
  '^----!',
  '^----!',
);

test('a subscription does not know of another', async (t) => {
  const events$ = of(s, a, c).pipe(untilConverged(0.6));

  t.is((await eventsOf(events$)).length, 4);
  t.is((await eventsOf(events$)).length, 4);
});

test('a tolerance outside its range is refused at once', (t) => {
  for (const wrong of [-0.1, 1, Number.NaN, '0.1' as unknown as number]) {
    t.throws(() => untilConverged(wrong), { instanceOf: InvalidOptionError });
  }
});

test('a run that converges is stopped, keeps its model, and can be evaluated', async (t) => {
  const before = activeResources();
  const options = { rank: 6, placement: inProcess() };
  const ratings = randomRatings({ users: 60, items: 50, density: 0.2 });

  const events = await eventsOf(
    of(ratings).pipe(
      holdout({ seed: 3 }),
      train({ ...options, iterations: 100_000 }),
      untilConverged(0.01),
      evaluate({ k: 5 }),
    ),
  );

  const { iterations, train: trained } = finishedOf(events);
  t.true(iterations > 1 && iterations < 1000);
  t.is(events.at(-2)!.type, 'evaluation');
  const short = await eventsOf(of(trained).pipe(train({ ...options, iterations })));
  t.deepEqual(factorsOfRun(events), factorsOfRun(short));
  t.deepEqual(await untilQuiet(before), before);
});
