import { filter, lastValueFrom, map, type Observable, take, takeUntil, throwIfEmpty } from 'rxjs';
import { aSignal, checkOptions, checkValue, type Rule } from '../../src/check-options.js';
import { InvalidOptionError } from '../../src/errors.js';
import type { FactorModel } from '../../src/model/factor-model.js';
import { type TrainingOptions, type TrainingSource, train, trainRules } from './train.js';
import type { FinishedEvent, TrainingEvent } from './training-event.js';
import { whenAborted } from './when-aborted.js';

/** As `TrainingOptions`, and what stops the training. */
export type TrainModelOptions = TrainingOptions & {
  /** Stops within a block; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
};

const aSource: Rule = {
  expected: "a source such as fromFile('ratings.csv') or fromRatings(rows)",
  accepts: (value) => typeof (value as Partial<Observable<unknown>> | null)?.pipe === 'function',
};

/**
 * Trains a model and gives it when it is done: `train` for callers that want only the model.
 *
 *     const model = await trainModel(fromFile('ratings.csv'), { rank: 64 });
 *     model.recommend(42, { count: 5 });
 *
 * The first ratings or split of the source count. The promise rejects as the stream of `train`
 * fails, and with `InvalidOptionError` for wrong options and a source without ratings; no thread is
 * left behind. `events` follows a training while it goes on.
 */
export async function trainModel(
  source: Observable<TrainingSource>,
  options: TrainModelOptions = {},
): Promise<FactorModel> {
  checkOptions({ of: 'trainModel' }, options, { ...trainRules, signal: aSignal });
  checkValue('source', source, aSource);
  const { signal, ...training } = options;
  const model$ = source.pipe(
    take(1),
    train(training),
    takeUntil(whenAborted(signal)),
    filter((event: TrainingEvent): event is FinishedEvent => event.type === 'finished'),
    map(({ model }) => model),
    throwIfEmpty(() => {
      const message = 'found no ratings in source; expected a source that emits some';
      return new InvalidOptionError('source', message);
    }),
  );
  return lastValueFrom(model$);
}
