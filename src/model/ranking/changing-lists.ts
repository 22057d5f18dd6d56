import type { Ratings } from '../../ratings/ratings.js';
import type { UserRecommendations } from '../recommender.js';
import { seenRatings } from '../seen-ratings.js';
import { writeNorms } from '../similar-rows.js';
import { type PaddedRows, spansOf, unpadRow } from '../unpad-rows.js';
import { createFittingRanking, rankAllInPlace } from './parted-ranking.js';
import type { RankingJob } from './ranking-job.js';

/** Both sides' factors as training holds them: inside rows, `stride` elements apart. */
export interface PaddedFactors {
  readonly userFactors: PaddedRows;
  readonly itemFactors: PaddedRows;
  /** ≥ rank. */
  readonly stride: number;
}

/**
 * Lists of the same users again and again while training changes the factors, of a model without
 * biases and mean. All unchanging data is laid out once, so a list costs only its scoring. Items that do
 * not fit one memory lie in several. Gives
 * the lists that a `FactorModel` of these factors gives.
 */
export class ChangingLists {
  readonly #ratings: Ratings;
  readonly #rows: readonly number[];
  readonly #rank: number;
  readonly #userFactors: Float32Array;
  readonly #itemFactors: Float32Array;
  readonly #itemNorms: Float64Array;
  #job: RankingJob | undefined;
  readonly #count: number;
  readonly #memoryBytes: number | undefined;

  /**
   * @param rows inside rows of the users
   * @param count length of the lists, ≥ 1
   * @param memoryBytes as for `createRankingJob`
   */
  constructor(
    ratings: Ratings,
    {
      rows,
      count,
      rank,
      memoryBytes,
    }: { readonly rows: readonly number[]; count: number; rank: number; memoryBytes?: number },
  ) {
    this.#ratings = ratings;
    this.#rows = rows;
    this.#rank = rank;
    this.#count = count;
    this.#memoryBytes = memoryBytes;
    this.#userFactors = new Float32Array(ratings.byUser.rowCount * rank);
    this.#itemFactors = new Float32Array(ratings.byItem.rowCount * rank);
    this.#itemNorms = new Float64Array(ratings.byItem.rowCount);
  }

  /** The lists by these factors, in the order of `rows`. Throws `MemoryLimitError` the first time. */
  of({ userFactors, itemFactors, stride }: PaddedFactors): UserRecommendations[] {
    const { users, items, byUser, byItem } = this.#ratings;
    const rank = this.#rank;
    const shape = { rank, stride };
    for (const { elements, firstRow, rowCount } of spansOf(userFactors, byUser.rowCount)) {
      for (const row of this.#rows) {
        if (row < firstRow || row >= firstRow + rowCount) continue;
        unpadRow(elements, row - firstRow, this.#userFactors, users.positions[row]!, shape);
      }
    }
    for (const { elements, firstRow, rowCount } of spansOf(itemFactors, byItem.rowCount)) {
      for (let row = 0; row < rowCount; row++) {
        unpadRow(elements, row, this.#itemFactors, items.positions[firstRow + row]!, shape);
      }
    }
    writeNorms(this.#itemFactors, rank, this.#itemNorms);
    return [...rankAllInPlace(this.#reloaded())];
  }

  #reloaded(): RankingJob {
    if (this.#job !== undefined) {
      this.#job.reload();
      return this.#job;
    }
    const { users, items } = this.#ratings;
    this.#job = createFittingRanking(
      {
        rank: this.#rank,
        userFactors: this.#userFactors,
        itemFactors: this.#itemFactors,
        itemNorms: this.#itemNorms,
        users: users.ids,
        items: items.ids,
        filter: { count: this.#count, filterSeen: true, allow: undefined, deny: [] },
        seen: () => seenRatings(this.#ratings),
        positions: this.#rows.map((row) => users.positions[row]!),
      },
      {
        ...{ slots: 1, windows: 1 },
        ...(this.#memoryBytes !== undefined && { memoryBytes: this.#memoryBytes }),
      },
    );
    return this.#job;
  }
}
