import { ndcgAtK, recallAtK } from '../../src/evaluation/ranking-metrics.js';
import { ChangingLists, type PaddedFactors } from '../../src/model/ranking/changing-lists.js';
import { randomAt } from '../../src/random.js';
import type { Id } from '../../src/ratings/id-vocabulary.js';
import type { Ratings, RatingsSplit } from '../../src/ratings/ratings.js';
import { markSeen, rowsWithUnseen } from '../../src/ratings/split/leave-out-seen.js';
import type { RankingSample } from '../../src/training/iteration-metrics.js';

const listLength = 20;

/**
 * Draws the sample once and measures factors on it, as `evaluateRanking` does. The users are `count` of
 * those with withheld ratings that training does not see, or all of them if they are fewer; which ones
 * depends on the seed and their positions alone.
 */
export function rankSample(
  { train, test }: RatingsSplit,
  { count, seed, rank }: { readonly count: number; readonly seed: number; readonly rank: number },
): (factors: PaddedFactors) => RankingSample {
  const marks = markSeen(test.byUser, train.byUser);
  const rows = drawRows(rowsWithUnseen(test.byUser.offsets, marks), test, count, seed);
  const relevant = rows.map((row) => relevantItems(test, row, marks));
  const lists = new ChangingLists(train, { rows, count: listLength, rank });
  return (factors) => {
    let [ndcg, recall] = [0, 0];
    for (const [at, { recommendations }] of lists.of(factors).entries()) {
      const wanted = relevant[at]!;
      const hits = recommendations.map(({ itemId }) => wanted.has(itemId));
      ndcg += ndcgAtK(hits, wanted.size, listLength);
      recall += recallAtK(hits, wanted.size, listLength);
    }
    return { 'ndcg@20': ndcg / rows.length, 'recall@20': recall / rows.length, users: rows.length };
  };
}

/** The items of a user row's entries that are not marked. */
function relevantItems({ byUser, items }: Ratings, row: number, marks: Uint8Array): Set<Id> {
  const { offsets, columns } = byUser;
  const relevant = new Set<Id>();
  for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
    if (marks[at] === 0) relevant.add(items.ids.at(items.positions[columns[at]!]!));
  }
  return relevant;
}

/** `count` of the rows at random, ascending. */
function drawRows(
  rows: readonly number[],
  { users }: Ratings,
  count: number,
  seed: number,
): readonly number[] {
  if (rows.length <= count) return rows;
  const keyed = rows.map((row) => ({ row, key: randomAt(seed, users.positions[row]!, 0) }));
  keyed.sort((a, b) => a.key - b.key || a.row - b.row);
  return keyed
    .slice(0, count)
    .map(({ row }) => row)
    .sort((a, b) => a - b);
}
