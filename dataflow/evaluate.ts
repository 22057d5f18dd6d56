import { concatMap, Observable, type OperatorFunction, of } from 'rxjs';
import { InvalidOptionError } from '../src/errors.js';
import { evaluateRanking, type RankingReport } from '../src/evaluation/evaluate-ranking.js';
import { mostPopular } from '../src/evaluation/most-popular.js';
import { checkCount } from '../src/model/item-filter.js';
import type { FinishedEvent, TrainingEvent } from './training-event.js';

export interface EvaluateOptions {
  /** Length of the lists, an integer ≥ 1. Default 20. */
  readonly k?: number;
  /** Called now and then with counts of users; the baseline counts them once more. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** How well the finished model ranks what was withheld, beside the baseline. */
export interface EvaluationEvent {
  readonly type: 'evaluation';
  readonly model: RankingReport;
  /** The same figures when everyone gets the most popular items. */
  readonly mostPopular: RankingReport;
}

/**
 * Adds an `evaluation` event before `finished`: recall, precision, NDCG and MAP at k of the model
 * and of the most-popular baseline on the withheld ratings.
 *
 *     events        --s-p-p-i-f|
 *     evaluate()    --s-p-p-i----(ef)|
 *
 * Errors of the source pass through; a run without withheld ratings is an error of the stream (put
 * `holdout` before `train`). Unsubscribing stops the evaluation within a turn of the event loop.
 */
export function evaluate(
  options: EvaluateOptions = {},
): OperatorFunction<TrainingEvent, TrainingEvent | EvaluationEvent> {
  const { k = 20, onProgress } = options;
  checkCount('k', k);
  return concatMap((event) =>
    event.type === 'finished' ? evaluateFinished(event, k, onProgress) : of(event),
  );
}

function evaluateFinished(
  finished: FinishedEvent,
  k: number,
  onProgress: EvaluateOptions['onProgress'],
): Observable<TrainingEvent | EvaluationEvent> {
  const { model, train, test } = finished;
  // Not composed from operators: unsubscribing has to reach the evaluation's signal.
  return new Observable((subscriber) => {
    if (test === undefined) {
      throw new InvalidOptionError(
        'evaluate',
        'given nothing withheld',
        'holdout(…) before train(…)',
      );
    }
    const abort = new AbortController();
    const { signal } = abort;
    const split = { train, test };
    const report = async (): Promise<void> => {
      const of = { k, signal };
      const ofModel = await evaluateRanking(model, split, {
        ...of,
        onProgress: (done, total) => onProgress?.(done, 2 * total),
      });
      const ofPopular = await evaluateRanking(mostPopular(train), split, {
        ...of,
        onProgress: (done, total) => onProgress?.(total + done, 2 * total),
      });
      subscriber.next({ type: 'evaluation', model: ofModel, mostPopular: ofPopular });
      subscriber.next(finished);
      subscriber.complete();
    };
    report().catch((error) => {
      if (!signal.aborted) subscriber.error(error);
    });
    return () => abort.abort();
  });
}
