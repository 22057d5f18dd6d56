import { map, type OperatorFunction } from 'rxjs';
import type { EvaluationEvent } from '../../../dataflow/evaluate.js';
import type { SearchEvent } from '../../../dataflow/search/search-event.js';
import type { RatingsSplit } from '../../../src/ratings/ratings.js';
import { holdOut } from '../../../src/ratings/split/hold-out.js';
import { randomRatings } from './jobs.js';

/** A split to search on in no time. */
export function smallSplit(seed = 1): RatingsSplit {
  const ratings = randomRatings({ users: 40, items: 30, density: 0.3, seed });
  return holdOut({ fraction: 0.2, seed })(ratings);
}

/** An evaluation with a recall@5 and nothing else to speak of. */
export function evaluationOf(recall: number): EvaluationEvent<5> {
  const report = { k: [5], users: 1, 'recall@5': recall } as unknown as EvaluationEvent<5>['model'];
  return { type: 'evaluation', model: report, mostPopular: report, leftOut: { seen: 0 } };
}

/** A trial that trains nothing: at once its recall is what the function says. */
export function pretend<Options>(
  recall: (options: Options) => number,
): (options: Options) => OperatorFunction<RatingsSplit, EvaluationEvent<5>> {
  return (options) => map(() => evaluationOf(recall(options)));
}

/** The events in short: `trial-started 1`, `trial 1 evaluation`. */
export function inShort(
  events: readonly SearchEvent<unknown, { readonly type: string }>[],
): string[] {
  return events.map((event) => {
    if (event.type === 'search-started' || event.type === 'finished') return event.type;
    if (event.type === 'trial') return `trial ${event.trial} ${event.event.type}`;
    return `${event.type} ${event.trial}`;
  });
}
