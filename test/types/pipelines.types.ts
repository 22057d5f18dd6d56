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
  type FinishedEvent,
  fromFile,
  fromRatings,
  gridSearch,
  holdout,
  type IterationEvent,
  type ListMetric,
  logUniform,
  type MetricOf,
  type Ratings,
  type RatingsSplit,
  randomSearch,
  recommendAll,
  type SavedEvent,
  type SearchSettings,
  type Stage,
  saveModel,
  stopOn,
  synthetic,
  type TrainingEvent,
  type TrainingSource,
  train,
  type UnsplitTrainingEvent,
  type UserRecommendations,
  untilConverged,
  untilNoImprovement,
  withTest,
} from 'seesaw';

const ratings$ = fromFile('ratings.csv');
expectTypeOf(ratings$).toEqualTypeOf<Observable<Ratings>>();
const described$ = fromFile('ratings.csv', { readBy: 'workers' });
expectTypeOf(described$).toEqualTypeOf<Observable<DescribedRatings>>();
expectTypeOf(described$.pipe(train())).toEqualTypeOf<Observable<UnsplitTrainingEvent>>();
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
expectTypeOf(ratings$.pipe(train())).toEqualTypeOf<Observable<UnsplitTrainingEvent>>();
expectTypeOf(ratings$.pipe(holdout(), train())).toEqualTypeOf<Observable<TrainingEvent>>();
expectTypeOf(ratings$.pipe(holdout(), train(), evaluate({ k: [5, 10] }))).toEqualTypeOf<
  Observable<TrainingEvent | EvaluationEvent<5 | 10>>
>();
expectTypeOf(ratings$.pipe(train(), saveModel('model'))).toEqualTypeOf<
  Observable<UnsplitTrainingEvent | SavedEvent>
>();
expectTypeOf(
  ratings$.pipe(holdout(), train(), evaluate(), saveModel('model'), recommendAll()),
).toEqualTypeOf<Observable<UserRecommendations>>();

// What ends a run early changes no type.
expectTypeOf(
  ratings$.pipe(holdout(), train(), untilConverged(0.01), untilNoImprovement(), stopOn(EMPTY)),
).toEqualTypeOf<Observable<TrainingEvent>>();
expectTypeOf(ratings$.pipe(train(), untilConverged(0.01), stopOn(EMPTY))).toEqualTypeOf<
  Observable<UnsplitTrainingEvent>
>();

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

// Editors complete what is a literal; a template beside it takes every other cutoff.
type Offered<Metric, K extends number> = Extract<Metric, ListMetric<K> | 'auc' | 'rmse' | 'mae'>;
type Searched = MetricOf<DefaultTrialEvent>;
type Usual = 5 | 10 | 20 | 50 | 100;
expectTypeOf<Offered<Searched, Usual>>().toEqualTypeOf<
  ListMetric<Usual> | 'auc' | 'rmse' | 'mae'
>();
expectTypeOf<Searched>().toExtend<SearchSettings<'rank'>['metric']>();
expectTypeOf<'ndcg@7'>().toExtend<Searched>();
expectTypeOf<'ndcg'>().not.toExtend<Searched>();
expectTypeOf<'ndcg@k'>().not.toExtend<Searched>();
expectTypeOf<'gain@20'>().not.toExtend<Searched>();
// A trial that measures at two cutoffs has their names alone.
type OfTrial = MetricOf<TrainingEvent | EvaluationEvent<7 | 20>>;
expectTypeOf<Offered<OfTrial, 7 | 20>>().toEqualTypeOf<
  ListMetric<7 | 20> | 'auc' | 'rmse' | 'mae'
>();
expectTypeOf<'ndcg@10'>().not.toExtend<OfTrial>();

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
expectTypeOf(train()).toEqualTypeOf<Stage<'train', TrainingSource, TrainingEvent>>();

// The events of any run are a `TrainingEvent`, and what is kept as such can be evaluated.
const unsplit$: Observable<TrainingEvent> = ratings$.pipe(train());
expectTypeOf(unsplit$.pipe(evaluate())).toEqualTypeOf<
  Observable<TrainingEvent | EvaluationEvent<20>>
>();
const either$: Observable<Ratings | RatingsSplit> = ratings$;
expectTypeOf(either$.pipe(train(), evaluate())).toEqualTypeOf<
  Observable<TrainingEvent | EvaluationEvent<20>>
>();
const fit: OperatorFunction<Ratings, TrainingEvent> = train();
expectTypeOf(ratings$.pipe(fit, evaluate({ k: 5 }))).toEqualTypeOf<
  Observable<TrainingEvent | EvaluationEvent<5>>
>();
expectTypeOf(from([{ type: 'mine' } as const]).pipe(evaluate())).toEqualTypeOf<
  Observable<{ readonly type: 'mine' } | EvaluationEvent<20>>
>();

// Functions of your own over events, of one type or of any.
const measured = (events$: Observable<TrainingEvent>) => events$.pipe(stopOn(EMPTY), evaluate());
expectTypeOf(measured(ratings$.pipe(train()))).toEqualTypeOf<
  Observable<TrainingEvent | EvaluationEvent<20>>
>();
const measuredAny = <Event extends { readonly type: string }>(events$: Observable<Event>) =>
  events$.pipe(evaluate());
expectTypeOf(measuredAny(ratings$.pipe(holdout(), train()))).toEqualTypeOf<
  Observable<TrainingEvent | EvaluationEvent<20>>
>();
expectTypeOf(
  ratings$.pipe(
    train(),
    filter((event): event is FinishedEvent => event.type === 'finished'),
  ),
).toEqualTypeOf<Observable<FinishedEvent>>();

// A trial is a pipeline on a split, whatever is between.
expectTypeOf(pipe(train(), untilConverged(0.1), untilNoImprovement(), evaluate())).toBeFunction();
const trial: OperatorFunction<RatingsSplit, TrainingEvent | SavedEvent | EvaluationEvent<20>> =
  pipe(
    train({ checkpoint: { path: 'run' } }),
    stopOn(EMPTY),
    untilNoImprovement(),
    saveModel('model'),
    evaluate(),
  );
expectTypeOf(ratings$.pipe(crossValidate(3), trial)).toEqualTypeOf<
  Observable<TrainingEvent | SavedEvent | EvaluationEvent<20>>
>();

// The type of an event tells it from others, and a model comes only with the last.
watched$.subscribe((event) => {
  if (event.type === 'evaluation') expectTypeOf(event.model['ndcg@20']).toBeNumber();
  if (event.type === 'finished') expectTypeOf(event.model).toEqualTypeOf<FactorModel>();
  if (event.type === 'iteration') expectTypeOf(event.model).toEqualTypeOf<() => FactorModel>();
});

// What is undefined counts as not given, also where `exactOptionalPropertyTypes` tells the two apart.
declare const given: {
  readonly rank: number | undefined;
  readonly solver: 'cg' | undefined;
  readonly seed: number | undefined;
  readonly every: number | undefined;
  readonly patience: number | undefined;
};
const { rank, solver, seed, every, patience } = given;
expectTypeOf(
  ratings$.pipe(
    holdout({ fraction: 0.1, seed }),
    train({ rank, solver, seed, checkpoint: { path: 'run', every }, gpu: { deadline: rank } }),
    untilNoImprovement({ patience }),
    recommendAll({ placement: undefined }),
  ),
).toEqualTypeOf<Observable<UserRecommendations>>();
