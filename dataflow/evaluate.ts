import { setImmediate as nextTurn } from 'node:timers/promises';
import { concatMap, Observable, type OperatorFunction, of } from 'rxjs';
import { checkOptions, type Rules } from '../src/check-options.js';
import { InvalidOptionError } from '../src/errors.js';
import {
  evaluateRanking,
  type RankingOptions,
  type RankingReport,
  rankingRules,
} from '../src/evaluation/evaluate-ranking.js';
import { globalMeanBaseline, itemMeans } from '../src/evaluation/mean-ratings.js';
import { mostPopular } from '../src/evaluation/most-popular.js';
import {
  type RatingErrorOptions,
  type RatingErrors,
  ratingErrorRules,
  ratingErrors,
} from '../src/evaluation/rating-errors.js';
import { withFoldedUsers } from '../src/evaluation/with-folded-users.js';
import type { FactorModel } from '../src/model/factor-model.js';
import { seenRatings } from '../src/model/seen-ratings.js';
import type { Ratings, RatingsSplit, SplitLeftOut } from '../src/ratings/ratings.js';
import type { Stage } from './stage.js';
import type { FinishedEvent, Measurable, TrainingEvent } from './training/training-event.js';

/** What to measure. */
export interface EvaluateOptions<K extends number = number>
  extends Pick<RankingOptions<K>, 'k' | 'auc'>,
    RatingErrorOptions {
  /** Called now and then with counts of users; the baseline counts them once more. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** How well the finished model predicts what was withheld, beside baselines. */
export interface EvaluationEvent<K extends number = number> {
  readonly type: 'evaluation';
  /** Figures of the model's lists by name, such as `model['recall@20']`. */
  readonly model: RankingReport<K>;
  /** The same figures when every user gets the most popular items. */
  readonly mostPopular: RankingReport<K>;
  /** Withheld ratings that do not count, since training sees their pairs. */
  readonly leftOut: SplitLeftOut;
  /** With explicit feedback only. */
  readonly ratings?: RatingsEvaluation;
}

/** Errors of predicted ratings over all withheld ratings, beside two baselines. */
export interface RatingsEvaluation {
  readonly model: RatingErrors;
  /** When every prediction is the mean of the item's training ratings. */
  readonly itemMean: RatingErrors;
  /** When every prediction is the mean of all training ratings. */
  readonly globalMean: RatingErrors;
}

const { signal: _signal, ...ownRankingRules } = rankingRules;

const rules: Rules<keyof EvaluateOptions> = { ...ownRankingRules, ...ratingErrorRules };

/**
 * Adds an `evaluation` event before `finished`: recall, precision, NDCG, MAP, MRR, hit rate, AUC and
 * coverage at every k, of the model and of the most-popular baseline, on the withheld ratings. With
 * explicit feedback also RMSE and MAE, of the model and of two kinds of mean. Users who were
 * withheld as a whole are folded in from what is visible of them.
 *
 *     events        --s-p-p-i-f|
 *     evaluate()    --s-p-p-i----(ef)|
 *
 * Errors of the source pass through; a run without withheld ratings is an error of the stream, and
 * where the compiler knows it, does not compile: put `holdout` before `train`. Completes when the source has and the last run is evaluated.
 * Unsubscribing stops the evaluation within a turn of the event loop.
 *
 * Wrong options throw `InvalidOptionError` at once.
 */
export function evaluate<
  const K extends number = 20,
  Event extends { readonly type: string } = TrainingEvent,
>(
  options: EvaluateOptions<K> = {},
): Stage<'evaluate', Measurable<Event>, Event | EvaluationEvent<K>> {
  checkOptions({ of: 'evaluate' }, options, rules);
  const stage: OperatorFunction<Event, Event | EvaluationEvent<K>> = concatMap((event) =>
    // Only `FinishedEvent` has this type.
    event.type === 'finished'
      ? evaluateFinished<K, Event>(event as Event & FinishedEvent, options)
      : of(event),
  );
  return stage as Stage<'evaluate', Measurable<Event>, Event | EvaluationEvent<K>>;
}

function evaluateFinished<K extends number, Event>(
  finished: Event & FinishedEvent,
  options: EvaluateOptions<K>,
): Observable<Event | EvaluationEvent<K>> {
  const { model, train, test, foldIn, leftOut, seen } = finished;
  // Not composed from operators: unsubscribing has to reach the evaluation's signal.
  return new Observable((subscriber) => {
    if (test === undefined) {
      throw new InvalidOptionError(
        'evaluate',
        'found nothing withheld; expected ratings to measure on; try holdout(…) before train(…)',
      );
    }
    if (options.clip !== undefined && model.settings.feedback === 'implicit') {
      throw new InvalidOptionError('clip', options.clip, 'nothing with implicit feedback');
    }
    const abort = new AbortController();
    const { signal } = abort;
    evaluateModel(model, { train, test, foldIn, leftOut }, seen, options, signal).then(
      (evaluation) => {
        subscriber.next(evaluation);
        subscriber.next(finished);
        subscriber.complete();
      },
      (error) => {
        if (!signal.aborted) subscriber.error(error);
      },
    );
    return () => abort.abort();
  });
}

async function evaluateModel<K extends number>(
  trained: FactorModel,
  whole: RatingsSplit,
  seen: Ratings | undefined,
  { clip, onProgress, ...options }: EvaluateOptions<K>,
  signal: AbortSignal,
): Promise<EvaluationEvent<K>> {
  const { train, test, foldIn } = whole;
  // Described ratings have no entries; those of the users who are measured are here.
  const split = seen === undefined ? whole : { ...whole, train: seen };
  const known = seen === undefined ? trained : trained.withSeen(seenRatings(seen));
  const model = foldIn === undefined ? known : await withFoldedUsers(known, foldIn, signal);
  const ofModel = await evaluateRanking<K>(model, split, {
    ...options,
    signal,
    onProgress: (done, total) => onProgress?.(done, 2 * total),
  });
  const ofPopular = await evaluateRanking<K>(mostPopular(train, foldIn ?? seen), split, {
    ...options,
    signal,
    onProgress: (done, total) => onProgress?.(total + done, 2 * total),
  });
  const ranking = {
    type: 'evaluation',
    model: ofModel,
    mostPopular: ofPopular,
    // `train` takes such pairs out before; a `finished` of your own may have some.
    leftOut: { seen: (split.leftOut?.seen ?? 0) + (ofModel.leftOut ?? 0) },
  } as const;
  if (model.settings.feedback === 'implicit') return ranking;

  const errors = [];
  for (const predictor of [model, itemMeans(train), globalMeanBaseline(train)]) {
    await nextTurn();
    signal.throwIfAborted();
    errors.push(ratingErrors(predictor, test, { clip }));
  }
  const [ofRatings, itemMean, ofAll] = errors;
  return {
    ...ranking,
    ratings: { model: ofRatings!, itemMean: itemMean!, globalMean: ofAll! },
  };
}
