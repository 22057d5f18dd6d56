import type { Observable } from 'rxjs';
import { inProcess } from '../../actors/placements/in-process.js';
import { threads } from '../../actors/placements/threads/threads.js';
import { gridSearch } from '../../dataflow/search/grid-search.js';
import { randomSearch } from '../../dataflow/search/random-search.js';
import type { SearchEvent } from '../../dataflow/search/search-event.js';
import type { Chosen, DefaultTrialEvent } from '../../dataflow/search/search-trials.js';
import type { Stage } from '../../dataflow/stage.js';
import { type MetricName, parseMetric } from '../evaluation/metric-names.js';
import type { RatingsSplit } from '../ratings/ratings.js';
import { defaultJobOptions, type JobOptions } from '../training/options.js';
import { UsageError } from './exit-status.js';
import { flagOf } from './in-flags.js';
import { type SearchFlags, type TriedOption, triedOptions } from './search-flags.js';
import { given } from './training-options.js';
import { drawnFrom, isRange, type TriedValues } from './tried-values.js';

/** Events of the command line's searches. */
export type SearchNews = SearchEvent<Chosen<keyof JobOptions>, DefaultTrialEvent>;

/** A search that can be run. */
export interface SearchPlan {
  readonly stage: Stage<'gridSearch' | 'randomSearch', RatingsSplit, SearchNews>;
  /** Options that differ from trial to trial. */
  readonly varied: readonly TriedOption[];
  readonly metric: MetricName;
}

/** Options that are whole numbers. */
const wholeOptions: readonly TriedOption[] = ['rank', 'iterations', 'cgSteps'];

/**
 * The search that the flags describe: every combination, or draws with `--trials`.
 * `pause` holds it.
 * Throws `UsageError` or `InvalidOptionError`.
 */
export function searchPlan(flags: SearchFlags, pause?: Observable<boolean>): SearchPlan {
  const { trials, seed, concurrency } = flags;
  const metric = metricOf(flags);
  const tried = triedOptions.flatMap((name) => {
    const values = flags[name];
    return values === undefined ? [] : [[name, values] as const];
  });
  const varied = tried.filter(([, values]) => isRange(values) || values.length > 1);
  if (varied.length === 0) {
    throw new UsageError(
      'found nothing to choose from; expected an option with several values; ' +
        'try --rank 32,64 --regularization 0.003,0.01,0.03',
    );
  }
  const settings = {
    metric,
    ...given({ concurrency, placement: placementOf(flags), pause }),
  };
  const same = sameOptions(flags);
  const plan = { varied: varied.map(([name]) => name), metric };
  if (trials === undefined) {
    const listed = Object.fromEntries(tried.map(([name, values]) => [name, listOf(name, values)]));
    const stage = gridSearch<keyof JobOptions>({ ...settings, options: { ...listed, ...same } });
    return { ...plan, stage };
  }
  const drawn = Object.fromEntries(tried.map(([name, values]) => [name, drawOf(name, values)]));
  const stage = randomSearch<keyof JobOptions>({
    ...settings,
    ...{ trials, seed },
    // Drawn options come first: a draw depends on its place.
    options: { ...drawn, ...same },
  });
  return { ...plan, stage };
}

/** The options that all trials share: what is 'auto' for the command is so in every trial. */
function sameOptions(flags: SearchFlags) {
  const { feedback, objective, biases, globalMean, nonnegative, solver, kernel, seed } = flags;
  const { rank, iterations } = defaultJobOptions;
  return {
    ...given({
      rank: flags.rank === undefined ? rank : undefined,
      iterations: flags.iterations === undefined ? iterations : undefined,
    }),
    ...{ feedback, kernel, seed },
    ...given({ objective, biases, globalMean, nonnegative, solver }),
  };
}

function listOf(name: TriedOption, values: TriedValues): readonly number[] {
  if (!isRange(values)) return values;
  throw new UsageError(
    `found a range in ${flagOf(name)} and no number of trials; expected both, or a list; ` +
      'try --trials 20',
  );
}

function drawOf(name: TriedOption, values: TriedValues) {
  if (!isRange(values)) return values;
  if (name !== 'subspaceSize') return drawnFrom(values, wholeOptions.includes(name));
  throw new UsageError(
    'found a range in --subspace-size; expected a list of multiples of 8; try 16,32,64',
  );
}

function placementOf({ threads: count }: SearchFlags) {
  if (count === undefined) return undefined;
  return count === 0 ? inProcess() : threads(count);
}

function metricOf({ metric, feedback }: SearchFlags): MetricName {
  if (metric === undefined) return feedback === 'explicit' ? 'rmse' : 'ndcg@20';
  const { name } = parseMetric(metric);
  if ((name === 'rmse' || name === 'mae') && feedback === 'implicit') {
    throw new UsageError(
      `found --metric ${name} with implicit feedback, which predicts no ratings; expected a metric ` +
        'of lists such as ndcg@20, or --feedback explicit',
    );
  }
  return name;
}
