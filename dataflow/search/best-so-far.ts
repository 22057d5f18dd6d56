import { parseMetric } from '../../src/evaluation/metric-names.js';
import type { FactorModel } from '../../src/model/factor-model.js';
import type { EarlyEnd } from '../end-early.js';
import { Leaderboard } from './leaderboard.js';
import type { SearchEvent, SearchFinishedEvent } from './search-event.js';

/** The end of a search with the trials that are done. Nothing before the first of them. */
export function bestSoFar<Options, Event extends { readonly type: string }>(): EarlyEnd<
  SearchEvent<Options, Event>,
  SearchFinishedEvent<Options>
> {
  let board: Leaderboard<Options> | undefined;
  let isMeasured = false;
  let folds = 1;
  /** Of trials under way. */
  const models = new Map<number, FactorModel>();
  return {
    note(event) {
      switch (event.type) {
        case 'search-started':
          board = new Leaderboard(parseMetric(event.metric));
          isMeasured = false;
          folds = event.folds;
          break;
        case 'trial': {
          const { model } = event.event as { readonly model?: FactorModel };
          if (event.event.type === 'finished' && model !== undefined && folds === 1) {
            models.set(event.trial, model);
          }
          break;
        }
        case 'trial-finished': {
          const { type: _type, best: _best, ...result } = event;
          board?.enter(result, models.get(event.trial));
          models.delete(event.trial);
          isMeasured = true;
          break;
        }
        case 'trial-failed': {
          const { type: _type, ...failed } = event;
          board?.enterFailed(failed);
          models.delete(event.trial);
          break;
        }
        case 'finished':
          isMeasured = false;
      }
    },
    finish: () => (isMeasured ? board?.finish() : undefined),
  };
}
