import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  aCount,
  aFunction,
  aSignal,
  checkOptions,
  checkValue,
  type Rule,
  type Rules,
  trueOrFalse,
} from '../check-options.js';
import type { Recommender, UserRecommendations } from '../model/recommender.js';
import type { Id } from '../ratings/id-vocabulary.js';
import type { Ratings, RatingsSplit, RowNames } from '../ratings/ratings.js';
import { aSplit } from '../ratings/some-ratings.js';
import { markSeen, rowsWithUnseen } from '../ratings/split/leave-out-seen.js';
import { ListFigures } from './list-figures.js';
import { MeanArea } from './mean-area.js';
import type { ListMetric } from './metric-names.js';

/**
 * How well lists agree with withheld ratings. Figures are read by name, `report['recall@20']`: for
 * every cutoff k
 *
 *     recall@k      withheld items among the first k, over min(k, withheld)
 *     precision@k   withheld items among the first k, over k
 *     ndcg@k        discounted gain, over that of min(k, withheld) hits at the top
 *     map@k         Σ precision at the rank of each hit, over min(k, withheld)
 *     mrr@k         1 over the rank of the first hit, counted from 1; 0 without one
 *     hitRate@k     1 with a hit, else 0
 * auc@k pairs ranked right, over all pairs; pairs that k results do not order count one half
 *     coverage@k    items on at least one of the lists, over all items
 *
 * All but coverage are means over the users with at least one withheld rating. Without such users
 * every figure is NaN.
 */
export type RankingReport<K extends number = number> = {
  /** Cutoffs, in the order of the option. */
  readonly k: readonly K[];
  /** Users with at least one withheld rating. */
  readonly users: number;
  /** Withheld ratings of pairs that are trained on too, which do not count; undefined without any. */
  readonly leftOut?: number;
  /**
   * Exact area under the curve over all unseen items, with the option `auc`; ties count one half.
   */
  readonly auc?: number;
} & { readonly [Name in ListMetric<K>]: number };

/** What to measure, and how to follow and stop it. */
export interface RankingOptions<K extends number = number> {
  /** Lengths of the lists, integers ≥ 1; none to measure no lists. Default 20. */
  readonly k?: K | readonly K[] | undefined;
  /**
   * Also `auc`, exact. Every user scores every item, which takes some six times as long as the lists.
   * Default false.
   */
  readonly auc?: boolean | undefined;
  /** Stops within a turn of the event loop; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called once a turn and at the end, with counts of users. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Scores between two turns of the event loop: some 30 ms at rank 64. */
const scoresPerTurn = 2 ** 19;

const aListLength: Rule = {
  expected: `${aCount.expected} or a list of them`,
  accepts: (k) => (Array.isArray(k) ? k.every(aCount.accepts) : aCount.accepts(k)),
};

const aRecommender: Rule = {
  expected: 'a model, or anything else with recommend(userId, options)',
  accepts: (value) => typeof (value as Partial<Recommender> | null)?.recommend === 'function',
};

/** What each option of a ranking's figures must be. */
export const rankingRules: Rules<keyof RankingOptions> = {
  k: aListLength,
  auc: trueOrFalse,
  signal: aSignal,
  onProgress: aFunction,
};

/**
 * Ranks, for every user with withheld ratings, all items that the user did not rate in training,
 * and measures where the withheld ones come. Every withheld rating is relevant, at any value,
 * unless its pair is trained on too.
 *
 * The recommender must have been trained on `split.train`: items that it leaves out as seen are not
 * candidates. With whole users withheld it must know them by `split.foldIn`: see `withFoldedUsers`.
 * Yields to the event loop regularly. Throws `InvalidOptionError`.
 */
export async function evaluateRanking<const K extends number = 20>(
  recommender: Recommender,
  split: RatingsSplit,
  options: RankingOptions<K> = {},
): Promise<RankingReport<K>> {
  checkOptions({ of: 'evaluateRanking' }, options, rankingRules);
  checkValue('recommender', recommender, aRecommender);
  checkValue('split', split, aSplit);
  const { signal, onProgress } = options;
  const steps = rankingSteps(recommender, split, options);
  for (let isFirst = true; ; isFirst = false) {
    const step = steps.next();
    if (step.done) return step.value;
    if (!isFirst) await nextTurn();
    signal?.throwIfAborted();
    onProgress?.(step.value.done, step.value.total);
  }
}

/** The evaluation, which pauses regularly and yields how many users are done. */
function* rankingSteps<K extends number>(
  recommender: Recommender,
  split: RatingsSplit,
  { k, auc = false }: Pick<RankingOptions<K>, 'k' | 'auc'>,
): Generator<{ readonly done: number; readonly total: number }, RankingReport<K>> {
  const cutoffs = listOf(k);
  const { byUser, users, items } = split.test;
  const visible = (split.foldIn ?? split.train).byUser;
  const isSeen = markSeen(byUser, visible);
  const leftOut = isSeen.reduce((count, mark) => count + mark, 0);
  const rows = rowsWithUnseen(byUser.offsets, isSeen);
  const usersPerTurn = Math.ceil(scoresPerTurn / byUser.columnCount);
  const isWithheld = new Uint8Array(byUser.columnCount);
  const figures = new ListFigures(cutoffs, byUser.columnCount);
  const userIds = rows.map((row) => users.ids.at(users.positions[row]!));
  const area = auc ? new MeanArea(recommender, userIds, items.ids) : undefined;
  const most = Math.max(0, ...cutoffs);
  const lists = listsOf(recommender, userIds, most);
  for (const [done, row] of rows.entries()) {
    if (done % usersPerTurn === 0) {
      yield { done, total: rows.length };
    }
    const withheld = positionsOf(byUser, row, items, isSeen);
    const seen = positionsOf(visible, row, items);
    if (most > 0) {
      for (const position of withheld) isWithheld[position] = 1;
      const { recommendations } = lists.next().value!;
      const positions = recommendations
        .slice(0, most)
        .map(({ itemId }) => items.ids.positionOf(itemId) ?? -1);
      const hits = positions.map((position) => {
        const isHit = isWithheld[position] === 1;
        // An item that comes twice counts once.
        if (isHit) isWithheld[position] = 0;
        return isHit;
      });
      for (const position of withheld) isWithheld[position] = 0;
      const candidateCount = byUser.columnCount - seen.length;
      figures.add({ hits, positions, relevantCount: withheld.length, candidateCount });
    }
    area?.add(seen, withheld);
  }
  yield { done: rows.length, total: rows.length };
  const exact = area === undefined ? {} : { auc: area.get() };
  const counts = { k: cutoffs, users: rows.length, ...(leftOut > 0 && { leftOut }) };
  // `ListFigures` has exactly the names of the cutoffs.
  return { ...counts, ...figures.means(), ...exact } as RankingReport<K>;
}

/** The cutoffs as a list, each once. */
function listOf<K extends number>(k: RankingOptions<K>['k']): readonly K[] {
  // The default of K is this number.
  if (k === undefined) return [20 as K];
  return typeof k === 'object' ? [...new Set(k)] : [k];
}

/** A list for each of the users in turn, made together where the recommender can. */
function* listsOf(
  recommender: Recommender,
  users: readonly Id[],
  count: number,
): Generator<UserRecommendations, undefined> {
  const options = { count, filterSeen: true };
  if (recommender.recommendAll !== undefined) {
    yield* recommender.recommendAll({ ...options, users });
    return;
  }
  for (const userId of users) {
    yield { userId, recommendations: recommender.recommend(userId, options) };
  }
}

/** Item positions of a user's row, without those of entries that are marked. */
function positionsOf(
  { offsets, columns }: Ratings['byUser'],
  row: number,
  { positions }: RowNames,
  marks?: Uint8Array,
): Uint32Array {
  const [start, end] = [offsets[row]!, offsets[row + 1]!];
  const all = columns.subarray(start, end);
  const kept = marks === undefined ? all : all.filter((_, at) => marks[start + at] === 0);
  return kept.map((column) => positions[column]!);
}
