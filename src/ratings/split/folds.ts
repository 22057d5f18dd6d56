import { Arena } from '../../arena.js';
import { InvalidOptionError } from '../../errors.js';
import type { Ratings, RatingsSplit } from '../ratings.js';
import { type NumberedRows, randomKeys } from './mark-random.js';
import { takeEntries } from './take-entries.js';

/**
 * Splits ratings `k` ways: fold f withholds what the others train on, so every rating is withheld
 * exactly once. Each user's ratings are shuffled and dealt out in turn, so a fold withholds about
 * n / k of a user's n, and all folds are of one size, give or take a rating. A user with a single
 * rating is unknown to the fold that withholds it.
 *
 * A split is made when its `train` or `test` is first read, in an arena of its own, which goes when
 * the split is garbage: folds that are used in turn take 16 bytes a rating (24 with timestamps) and
 * not k times as much. Beside them lies one byte a rating.
 *
 * Throws `InvalidOptionError` if there are fewer than `k` ratings.
 *
 * @param k 2 to 255
 */
export function foldsOf(ratings: Ratings, k: number, seed: number): RatingsSplit[] {
  const count = ratings.byUser.columns.length;
  if (count < k) throw new InvalidOptionError('k', k, `at most one fold a rating, ${count}`);
  const folds = foldDealer(k, seed)(ratings);
  return Array.from({ length: k }, (_, fold) =>
    madeWhenRead(() => {
      const arena = new Arena();
      const marks = folds.map((mark) => (mark === fold ? 1 : 0));
      return {
        train: takeEntries(ratings, marks, 0, arena),
        test: takeEntries(ratings, marks, 1, arena),
      };
    }),
  );
}

/** What gives every entry of rows its fold; rows may come in several lots, in their order. */
export function foldDealer(k: number, seed: number): (rows: NumberedRows) => Uint8Array {
  let next = 0;
  return (rows) => {
    const { byUser } = rows;
    const folds = new Uint8Array(byUser.columns.length);
    for (let row = 0; row < byUser.rowCount; row++) {
      const start = byUser.offsets[row]!;
      const keys = randomKeys(rows, row, seed);
      const order = Uint32Array.from(keys.keys()).sort((a, b) => keys[a]! - keys[b]!);
      for (const at of order) {
        folds[start + at] = next;
        next = (next + 1) % k;
      }
    }
    return folds;
  };
}

function madeWhenRead(make: () => RatingsSplit): RatingsSplit {
  let made: RatingsSplit | undefined;
  const split = () => {
    made ??= make();
    return made;
  };
  return {
    get train() {
      return split().train;
    },
    get test() {
      return split().test;
    },
  };
}
