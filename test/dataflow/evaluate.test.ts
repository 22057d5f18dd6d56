import test from 'ava';
import {
  concat,
  firstValueFrom,
  lastValueFrom,
  NEVER,
  type Observable,
  of,
  throwError,
  toArray,
} from 'rxjs';
import { inProcess } from '../../actors/placements/in-process.js';
import { evaluate } from '../../dataflow/evaluate.js';
import { holdout } from '../../dataflow/splits/holdout.js';
import { train } from '../../dataflow/training/train.js';
import type { FinishedEvent, TrainingEvent } from '../../dataflow/training/training-event.js';
import { InvalidOptionError } from '../../src/errors.js';
import { evaluateRanking } from '../../src/evaluation/evaluate-ranking.js';
import { mostPopular } from '../../src/evaluation/most-popular.js';
import { ratingErrors } from '../../src/evaluation/rating-errors.js';
import { withFoldedUsers } from '../../src/evaluation/with-folded-users.js';
import { holdOut } from '../../src/ratings/split/hold-out.js';
import { randomRatings } from '../helpers/builders/jobs.js';
import { otherEvents } from '../helpers/suites/other-events.js';

const options = { rank: 6, iterations: 2, placement: inProcess() };
const ratings$ = of(randomRatings({ users: 60, items: 50, density: 0.2 }));

test(otherEvents, evaluate(), 'passes');

test('an evaluation comes just before finished, beside the baseline', async (t) => {
  const progress: number[] = [];
  const events = await lastValueFrom(
    ratings$.pipe(
      holdout({ fraction: 0.2, seed: 7 }),
      train(options),
      evaluate({ k: 5, onProgress: (done, total) => progress.push(done / total) }),
      toArray(),
    ),
  );

  const [evaluation, finished] = events.slice(-2);
  t.is(finished?.type, 'finished');
  if (evaluation?.type !== 'evaluation') return t.fail();
  for (const report of [evaluation.model, evaluation.mostPopular]) {
    t.deepEqual(report.k, [5]);
    for (const figure of [report['recall@5'], report['ndcg@5'], report['coverage@5']]) {
      t.true(figure >= 0 && figure <= 1);
    }
  }
  t.is(progress.at(-1), 1);
});

test('explicit feedback is also measured by its errors, beside two means', async (t) => {
  const events = await lastValueFrom(
    ratings$.pipe(
      holdout({ fraction: 0.2, seed: 7 }),
      train({ ...options, feedback: 'explicit', regularization: 1 }),
      evaluate({ k: [], clip: [1, 5] }),
      toArray(),
    ),
  );

  const evaluation = events.find(({ type }) => type === 'evaluation');
  if (evaluation?.type !== 'evaluation') return t.fail();
  t.deepEqual(evaluation.model, { k: [], users: evaluation.model.users });
  const { ratings } = evaluation;
  for (const errors of [ratings?.model, ratings?.itemMean, ratings?.globalMean]) {
    t.is(errors?.count, ratings?.model.count);
    t.true(errors !== undefined && errors.mae > 0 && errors.mae <= errors.rmse && errors.rmse < 4);
  }
});

test('implicit feedback has no errors to clip', async (t) => {
  const run$ = ratings$.pipe(holdout(), train(options), evaluate({ clip: [1, 5] }));

  await t.throwsAsync(lastValueFrom(run$), { instanceOf: InvalidOptionError });
});

test('events that other stages add pass through, wherever they come', async (t) => {
  const events = await lastValueFrom(
    concat(of({ type: 'lunch' } as const), ratings$.pipe(holdout(), train(options))).pipe(
      evaluate({ k: [3, 7] }),
      toArray(),
    ),
  );

  t.is(events[0]?.type, 'lunch');
  const evaluation = events.find((event) => event.type === 'evaluation');
  t.true(evaluation!.model['recall@3'] <= 1 && evaluation!.model['recall@7'] <= 1);
});

test('users who were withheld as a whole are folded in, and only they are measured', async (t) => {
  const events = await lastValueFrom(
    ratings$.pipe(
      holdout({ users: 12, visible: 0.7, seed: 3 }),
      train({ ...options, feedback: 'explicit', regularization: 1 }),
      evaluate({ k: 5, auc: true }),
      toArray(),
    ),
  );

  const evaluation = events.find((event) => event.type === 'evaluation');
  const finished = events.at(-1);
  if (finished?.type !== 'finished') return t.fail();
  const { model, train: seen, test: hidden, foldIn } = finished;
  t.is(evaluation?.model.users, 12);
  const folded = await withFoldedUsers(model, foldIn!);
  const split = { train: seen, test: hidden!, foldIn };
  t.deepEqual(evaluation?.model, await evaluateRanking(folded, split, { k: 5, auc: true }));
  t.deepEqual(
    evaluation?.mostPopular,
    await evaluateRanking(mostPopular(seen, foldIn), split, { k: 5, auc: true }),
  );
  t.deepEqual(evaluation?.ratings?.model, ratingErrors(folded, hidden!));
  // As they were trained, all that is known of them is the mean.
  t.not(evaluation?.ratings?.model.rmse, ratingErrors(model, hidden!).rmse);
});

test('withheld ratings of pairs that are trained on too are counted', async (t) => {
  const all = randomRatings({ users: 30, items: 20, density: 0.3 });
  const split = holdOut({ fraction: 0.2, seed: 7 })(all);
  const overlapping = { ...split, test: all };
  const leftOut = { seen: split.train.byUser.columns.length };
  const events = await lastValueFrom(
    of(overlapping).pipe(train(options), evaluate({ k: 5 }), toArray()),
  );
  const [evaluation, finished] = events.slice(-2);

  t.like(evaluation, { type: 'evaluation', leftOut });
  t.like(finished, { type: 'finished', leftOut });

  // An end that `train` did not make, whose test ratings overlap still.
  const own = { ...(finished as FinishedEvent), test: all, leftOut: undefined };
  t.like(await firstValueFrom(of(own).pipe(evaluate({ k: 5 }))), { leftOut });
});

test('a run without withheld ratings cannot be evaluated', async (t) => {
  const events$: Observable<TrainingEvent> = ratings$.pipe(train(options));
  await t.throwsAsync(lastValueFrom(events$.pipe(evaluate())), {
    instanceOf: InvalidOptionError,
    code: 'ERR_INVALID_OPTION',
  });
});

test('a list length that is no count is refused at once', (t) => {
  t.throws(() => evaluate({ k: 0 }), { instanceOf: InvalidOptionError });
});

test('other events and errors pass through', async (t) => {
  const broken = throwError(() => new RangeError('no source'));

  await t.throwsAsync(lastValueFrom(broken.pipe(evaluate())), { message: 'no source' });
  t.deepEqual(await lastValueFrom(of<TrainingEvent>().pipe(evaluate(), toArray())), []);
});

test('unsubscribing stops the evaluation without a word', async (t) => {
  let finished: TrainingEvent | undefined;
  await ratings$.pipe(holdout({ fraction: 0.2 }), train(options)).forEach((event) => {
    finished = event;
  });
  const emitted: unknown[] = [];
  const events$ = concat(of(finished!), NEVER);

  const subscription = events$.pipe(evaluate()).subscribe({
    next: (event) => emitted.push(event),
    error: (error) => emitted.push(error),
  });
  subscription.unsubscribe();
  await new Promise((resolve) => setImmediate(resolve));

  t.deepEqual(emitted, []);
});
