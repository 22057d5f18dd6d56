/*
 * What good pipelines give. Nothing here runs: `tsc` checks it, in the build and in `typecheck`.
 */

import { expectTypeOf } from 'expect-type';
import {
  EMPTY,
  filter,
  from,
  map,
  type Observable,
  type OperatorFunction,
  pipe,
  share,
  takeUntil,
  tap,
} from 'rxjs';
import {
  type Chosen,
  collect,
  crossValidate,
  type DefaultTrialEvent,
  type DescribedRatings,
  type EvaluationEvent,
  evaluate,
  type FactorModel,
  fromFile,
  fromRatings,
  gridSearch,
  holdout,
  type IterationEvent,
  logUniform,
  type Ratings,
  type RatingsSplit,
  randomSearch,
  recommendAll,
  type SavedEvent,
  type Stage,
  saveModel,
  stopOn,
  synthetic,
  type TrainingEvent,
  train,
  type UserRecommendations,
  untilConverged,
  untilNoImprovement,
  withTest,
} from 'seesaw';

const ratings$ = fromFile('ratings.csv');
expectTypeOf(ratings$).toEqualTypeOf<Observable<Ratings>>();
const described$ = fromFile('ratings.csv', { readBy: 'workers' });
expectTypeOf(described$).toEqualTypeOf<Observable<DescribedRatings>>();
expectTypeOf(described$.pipe(train())).toEqualTypeOf<Observable<TrainingEvent>>();
expectTypeOf(fromRatings([{ user: 'ann', item: 7 }])).toEqualTypeOf<Observable<Ratings>>();
expectTypeOf(synthetic({ users: 1, items: 1, count: 1 })).toEqualTypeOf<Observable<Ratings>>();

// Stages one after the other.
const clicks$ = from([{ user: 'ann', item: 7, event: 'view' }]);
expectTypeOf(clicks$.pipe(collect({ every: { count: 9 } }))).toEqualTypeOf<Observable<Ratings>>();
expectTypeOf(clicks$.pipe(collect(), holdout({ last: 1 }), train())).toEqualTypeOf<
  Observable<TrainingEvent>
>();
expectTypeOf(ratings$.pipe(withTest(ratings$))).toEqualTypeOf<Observable<RatingsSplit>>();
expectTypeOf(ratings$.pipe(holdout())).toEqualTypeOf<Observable<RatingsSplit>>();
expectTypeOf(ratings$.pipe(crossValidate(3))).toEqualTypeOf<Observable<RatingsSplit>>();
expectTypeOf(ratings$.pipe(train())).toEqualTypeOf<Observable<TrainingEvent>>();
expectTypeOf(ratings$.pipe(holdout(), train())).toEqualTypeOf<Observable<TrainingEvent>>();
expectTypeOf(ratings$.pipe(holdout(), train(), evaluate({ k: [5, 10] }))).toEqualTypeOf<
  Observable<TrainingEvent | EvaluationEvent<5 | 10>>
>();
expectTypeOf(ratings$.pipe(train(), saveModel('model'))).toEqualTypeOf<
  Observable<TrainingEvent | SavedEvent>
>();
expectTypeOf(
  ratings$.pipe(holdout(), train(), evaluate(), saveModel('model'), recommendAll()),
).toEqualTypeOf<Observable<UserRecommendations>>();

// What ends a run early changes no type.
expectTypeOf(
  ratings$.pipe(train(), untilConverged(0.01), untilNoImprovement(), stopOn(EMPTY)),
).toEqualTypeOf<Observable<TrainingEvent>>();

// A search knows the options that it tries, and the events of its trials.
const searched$ = ratings$.pipe(
  crossValidate(3),
  gridSearch({ options: { rank: [8, 16], alpha: 5 }, metric: 'ndcg@20' }),
);
searched$.subscribe((event) => {
  if (event.type === 'trial') expectTypeOf(event.event).toEqualTypeOf<DefaultTrialEvent>();
  if (event.type !== 'finished') return;
  expectTypeOf(event.best.options).toEqualTypeOf<Chosen<'rank' | 'alpha'>>();
  expectTypeOf(event.best.options.rank).toEqualTypeOf<number>();
  expectTypeOf(event.model).toEqualTypeOf<FactorModel | undefined>();
});
ratings$
  .pipe(
    holdout(),
    randomSearch({
      options: { regularization: logUniform(0.1, 100) },
      trials: 5,
      metric: 'rmse',
      trial: (options) => pipe(train(options), untilConverged(0.01), evaluate({ k: [] })),
    }),
  )
  .subscribe((event) => {
    if (event.type !== 'finished') return;
    expectTypeOf(event.best.options).toEqualTypeOf<Chosen<'regularization'>>();
  });

// Operators of RxJS between them need no annotation.
const watched$ = ratings$.pipe(
  tap((ratings) => expectTypeOf(ratings).toEqualTypeOf<Ratings>()),
  holdout({ fraction: 0.2 }),
  map(({ train, test }) => ({ train, test })),
  train({ rank: 8 }),
  takeUntil(EMPTY),
  share(),
  evaluate(),
  filter((event) => event.type !== 'phase'),
);
expectTypeOf(watched$).toEqualTypeOf<
  Observable<Exclude<TrainingEvent, { type: 'phase' }> | EvaluationEvent<20>>
>();
expectTypeOf(
  ratings$.pipe(
    train(),
    filter((event) => event.type === 'iteration'),
  ),
).toEqualTypeOf<Observable<IterationEvent>>();

// A stage is an operator: kept in a variable, put together with `pipe`, or returned by a function.
const trained: OperatorFunction<Ratings | RatingsSplit, TrainingEvent> = train();
expectTypeOf(ratings$.pipe(trained)).toEqualTypeOf<Observable<TrainingEvent>>();
const whole: OperatorFunction<Ratings, TrainingEvent> = pipe(
  holdout({ last: 1 }),
  train({ rank: 8 }),
);
expectTypeOf(ratings$.pipe(whole)).toEqualTypeOf<Observable<TrainingEvent>>();
const models = (): OperatorFunction<TrainingEvent, FactorModel> =>
  pipe(
    filter((event) => event.type === 'finished'),
    map(({ model }) => model),
  );
expectTypeOf(ratings$.pipe(train(), models(), recommendAll())).toEqualTypeOf<
  Observable<UserRecommendations>
>();
expectTypeOf(train()).toEqualTypeOf<
  Stage<'train', Ratings | RatingsSplit | DescribedRatings, TrainingEvent>
>();

// Every event is told apart by its type, and a model comes only with the last.
watched$.subscribe((event) => {
  if (event.type === 'evaluation') expectTypeOf(event.model['ndcg@20']).toBeNumber();
  if (event.type === 'finished') expectTypeOf(event.model).toEqualTypeOf<FactorModel>();
  if (event.type === 'iteration') expectTypeOf(event.model).toEqualTypeOf<() => FactorModel>();
});
