import test from 'ava';
import { lastValueFrom, of, tap } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import { holdout } from '../../../dataflow/splits/holdout.js';
import { train } from '../../../dataflow/training/train.js';
import type { IterationEvent } from '../../../dataflow/training/training-event.js';
import { evaluateRanking } from '../../../src/evaluation/evaluate-ranking.js';
import type { FactorModel } from '../../../src/model/factor-model.js';
import type { RatingsSplit } from '../../../src/ratings/ratings.js';
import { randomRatings } from '../../helpers/builders/jobs.js';

const ratings = randomRatings({ users: 200, items: 120, density: 0.15 });

interface Measured {
  readonly validation: IterationEvent['validation'];
  readonly model: FactorModel;
}

/** The figures of every iteration, and its model. */
async function measure(split: RatingsSplit, validationUsers: number): Promise<Measured[]> {
  const measured: Measured[] = [];
  await lastValueFrom(
    of(split).pipe(
      train({ rank: 6, iterations: 3, seed: 7, placement: inProcess(), validationUsers }),
      tap((event) => {
        if (event.type !== 'iteration') return;
        measured.push({ validation: event.validation, model: event.model() });
      }),
    ),
  );
  return measured;
}

test('figures of all users are those that each model is evaluated with', async (t) => {
  const split = await lastValueFrom(of(ratings).pipe(holdout()));

  const measured = await measure(split, 1000);

  t.is(measured.length, 3);
  for (const { validation, model } of measured) {
    const report = await evaluateRanking(model, split, { k: 20 });
    t.is(validation?.users, report.users);
    t.is(validation?.['ndcg@20'], report['ndcg@20']);
    t.is(validation?.['recall@20'], report['recall@20']);
  }
});

test('a sample of users is the same in every run with the same seed', async (t) => {
  const split = await lastValueFrom(of(ratings).pipe(holdout()));

  const once = await measure(split, 30);
  const again = await measure(split, 30);

  t.is(once[0]?.validation?.users, 30);
  t.deepEqual(
    again.map(({ validation }) => validation),
    once.map(({ validation }) => validation),
  );
});

test('withheld ratings of pairs that are trained on too do not count', async (t) => {
  const { train: trained } = await lastValueFrom(of(ratings).pipe(holdout()));

  const measured = await measure({ train: trained, test: ratings }, 1000);

  const report = await evaluateRanking(
    measured[2]!.model,
    { train: trained, test: ratings },
    { k: 20 },
  );
  t.true(report.leftOut! > 0);
  t.is(measured[2]!.validation?.['ndcg@20'], report['ndcg@20']);
  t.is(measured[2]!.validation?.users, report.users);
});
