import { evaluateRankingNow } from '../../src/evaluation/evaluate-ranking.js';
import type { Recommender } from '../../src/model/recommender.js';
import { randomAt } from '../../src/random.js';
import type { Ratings, RatingsSplit } from '../../src/ratings/ratings.js';
import type { SparseRows } from '../../src/ratings/sparse-rows.js';

/** How well lists of a sample of users agree with what was withheld; see `RankingReport`. */
export interface RankingSample {
  readonly 'ndcg@20': number;
  readonly 'recall@20': number;
  /** Users of the sample. */
  readonly users: number;
}

/**
 * Draws the sample once and measures models on it. The users are `count` of those with withheld
 * ratings, or all of them if they are fewer; which ones depends on the seed and their positions alone.
 */
export function rankSample(
  split: RatingsSplit,
  count: number,
  seed: number,
): (model: Recommender) => RankingSample {
  const test = { ...split.test, byUser: drawRows(split.test, count, seed) };
  return (model) => {
    const report = evaluateRankingNow(model, { ...split, test }, { k: 20 });
    return {
      'ndcg@20': report['ndcg@20'],
      'recall@20': report['recall@20'],
      users: report.users,
    };
  };
}

/** The user rows with only the entries of `count` of them, at random. */
function drawRows({ byUser, users }: Ratings, count: number, seed: number): SparseRows {
  const { rowCount, offsets } = byUser;
  const rated: { readonly row: number; readonly key: number }[] = [];
  for (let row = 0; row < rowCount; row++) {
    if (offsets[row + 1]! === offsets[row]!) continue;
    rated.push({ row, key: randomAt(seed, users.positions[row]!, 0) });
  }
  if (rated.length <= count) return byUser;
  const drawn = new Uint8Array(rowCount);
  for (const { row } of rated.sort((a, b) => a.key - b.key || a.row - b.row).slice(0, count)) {
    drawn[row] = 1;
  }
  const kept = new Uint32Array(rowCount + 1);
  for (let row = 0; row < rowCount; row++) {
    kept[row + 1] = kept[row]! + (drawn[row] ? offsets[row + 1]! - offsets[row]! : 0);
  }
  const columns = new Uint32Array(kept[rowCount]!);
  const ratings = new Float32Array(kept[rowCount]!);
  for (let row = 0; row < rowCount; row++) {
    if (!drawn[row]) continue;
    columns.set(byUser.columns.subarray(offsets[row]!, offsets[row + 1]!), kept[row]!);
    ratings.set(byUser.ratings.subarray(offsets[row]!, offsets[row + 1]!), kept[row]!);
  }
  return { rowCount, columnCount: byUser.columnCount, offsets: kept, columns, ratings };
}
