import { setImmediate as nextTurn } from 'node:timers/promises';
import { checkCount } from '../model/item-filter.js';
import type { Recommender, UserRecommendations } from '../model/recommender.js';
import type { Id } from '../ratings/id-vocabulary.js';
import type { RatingsSplit } from '../ratings/ratings.js';
import { averagePrecisionAtK, ndcgAtK, precisionAtK, recallAtK } from './ranking-metrics.js';

/** Means over the users with at least one withheld rating; NaN when there are none. */
export interface RankingReport {
  readonly k: number;
  /** Users with at least one withheld rating. */
  readonly users: number;
  /** recall@k: withheld items among the first k, over min(k, withheld). */
  readonly recall: number;
  /** precision@k: withheld items among the first k, over k. */
  readonly precision: number;
  /** NDCG@k with binary relevance; the ideal list has min(k, withheld) hits. */
  readonly ndcg: number;
  /** MAP@k: mean of the average precision, each over min(k, withheld). */
  readonly map: number;
}

export interface RankingOptions {
  /** Length of the lists, an integer ≥ 1. Default 20. */
  readonly k?: number | undefined;
  /** Stops within a turn of the event loop; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called once a turn and at the end, with counts of users. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Scores between two turns of the event loop: some 30 ms at rank 64. */
const scoresPerTurn = 2 ** 19;

/**
 * Ranks, for every user with withheld ratings, all items that the user did not rate in training,
 * and measures where the withheld ones come. Every withheld rating is relevant, whatever its value.
 *
 * The recommender must have been trained on `split.train`: what it leaves out as seen is what
 * leaves the candidates. Gives way to the event loop now and then.
 */
export async function evaluateRanking(
  recommender: Recommender,
  split: RatingsSplit,
  { k = 20, signal, onProgress }: RankingOptions = {},
): Promise<RankingReport> {
  checkCount('k', k);
  const { byUser, users, items } = split.test;
  const rows = rowsWithEntries(byUser.offsets);
  const usersPerTurn = Math.ceil(scoresPerTurn / byUser.columnCount);
  const isWithheld = new Uint8Array(byUser.columnCount);
  const sums = { recall: 0, precision: 0, ndcg: 0, map: 0 };

  const lists = listsOf(
    recommender,
    rows.map((row) => users.ids.at(users.positions[row]!)),
    k,
  );
  for (const [done, row] of rows.entries()) {
    if (done % usersPerTurn === 0) {
      if (done > 0) await nextTurn();
      signal?.throwIfAborted();
      onProgress?.(done, rows.length);
    }
    const withheld = byUser.columns.subarray(byUser.offsets[row]!, byUser.offsets[row + 1]!);
    for (const column of withheld) isWithheld[items.positions[column]!] = 1;
    const { recommendations } = lists.next().value!;
    const hits = recommendations.slice(0, k).map(({ itemId }) => {
      const position = items.ids.positionOf(itemId) ?? -1;
      const isHit = isWithheld[position] === 1;
      // An item that comes twice counts once.
      if (isHit) isWithheld[position] = 0;
      return isHit;
    });
    for (const column of withheld) isWithheld[items.positions[column]!] = 0;

    sums.recall += recallAtK(hits, withheld.length, k);
    sums.precision += precisionAtK(hits, k);
    sums.ndcg += ndcgAtK(hits, withheld.length, k);
    sums.map += averagePrecisionAtK(hits, withheld.length, k);
  }
  onProgress?.(rows.length, rows.length);
  return {
    k,
    users: rows.length,
    recall: sums.recall / rows.length,
    precision: sums.precision / rows.length,
    ndcg: sums.ndcg / rows.length,
    map: sums.map / rows.length,
  };
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

function rowsWithEntries(offsets: Uint32Array): number[] {
  const rows: number[] = [];
  for (let row = 0; row + 1 < offsets.length; row++) {
    if (offsets[row + 1]! > offsets[row]!) rows.push(row);
  }
  return rows;
}
