import { Arena } from '../arena.js';
import { InvalidOptionError } from '../errors.js';
import type {
  DescribedRatings,
  DescribedSplit,
  EntriesByUser,
} from '../ratings/described-ratings.js';
import type { TimedRows } from '../ratings/merge-duplicates.js';
import { foldDealer } from '../ratings/split/folds.js';
import type { HoldoutOptions } from '../ratings/split/holdout-options.js';
import type { RatedRows } from '../ratings/split/marker.js';
import { markerOf } from '../ratings/split/marker-of.js';
import { isSampled } from '../ratings/split/sampled-users.js';
import { takeMarked } from '../ratings/split/take-entries.js';
import { KeptRows } from './kept-rows.js';
import { RowsSummary } from './rows-summary.js';
import { EntryMarks } from './sorted-entries/entry-marks.js';

/**
 * Withholds of ratings that are only described what `holdOut` does of ratings that are here. What is
 * withheld, and what its users rated beside, is kept for those to measure on alone.
 *
 * Throws what the function of `holdOut` throws, `SourceError` for a disk that is full, and the signal's
 * reason.
 *
 * @param options that have been checked
 */
export async function splitDescribed(
  ratings: DescribedRatings,
  options: HoldoutOptions,
  signal?: AbortSignal,
): Promise<DescribedSplit> {
  const { entries } = ratings.described;
  const { seed = 42 } = options as { readonly seed?: number };
  const marks = new EntryMarks(ratings);
  const marker = markerOf(options, ratings);
  const collected = new CollectedSplit(ratings, marker.users, seed);
  await entries.each(async (timed, first) => {
    const marked = marker.mark(ratedRows(ratings, timed, first));
    collected.add(timed, marked, first);
    await marks.append(marked);
  }, signal);
  marker.check();
  const { foldIn, ...split } = await collected.split(marks.take((mark) => mark === 0));
  return options.users === undefined ? split : { ...split, foldIn };
}

/**
 * Splits ratings that are only described as `foldsOf` does ratings that are here, in one pass. Each split
 * keeps what `splitDescribed` does in memory.
 *
 * Throws `InvalidOptionError` if there are fewer than `k` ratings, and what `splitDescribed` throws.
 */
export async function foldDescribed(
  ratings: DescribedRatings,
  k: number,
  seed: number,
  signal?: AbortSignal,
): Promise<DescribedSplit[]> {
  const { byUser, described } = ratings;
  const count = byUser.offsets[byUser.rowCount]!;
  if (count < k) throw new InvalidOptionError('k', k, `at most one fold a rating, ${count}`);
  const marks = new EntryMarks(ratings);
  const deal = foldDealer(k, seed);
  const folds = Array.from({ length: k }, () => new CollectedSplit(ratings, byUser.rowCount, seed));
  await described.entries.each(async (timed, first) => {
    const dealt = deal(ratedRows(ratings, timed, first));
    for (const [fold, collected] of folds.entries()) {
      collected.add(
        timed,
        dealt.map((own) => Number(own === fold)),
        first,
      );
    }
    await marks.append(dealt);
  }, signal);
  const splits: DescribedSplit[] = [];
  for (const [fold, collected] of folds.entries()) {
    const { foldIn: _, ...split } = await collected.split(marks.take((mark) => mark !== fold));
    splits.push(split);
  }
  return splits;
}

/** Rows of users from `first` on, with the positions of their rows. */
function ratedRows(
  { users, items }: DescribedRatings,
  { rows, timestamps }: TimedRows,
  first: number,
): RatedRows {
  const positions = users.positions.subarray(first, first + rows.rowCount);
  return { byUser: rows, timestamps, users: { positions }, items };
}

/** A split of ratings that pass by. */
class CollectedSplit {
  readonly #whole: DescribedRatings;
  readonly #userCount: number;
  readonly #seed: number;
  readonly #arena = new Arena();
  readonly #summary: RowsSummary;
  readonly #kept: readonly KeptRows[];

  /** @param userCount users with something withheld, at most */
  constructor(whole: DescribedRatings, userCount: number, seed: number) {
    const { byUser, described } = whole;
    const { rowCount, columnCount } = byUser;
    this.#whole = whole;
    this.#userCount = userCount;
    this.#seed = seed;
    this.#summary = new RowsSummary(
      this.#arena,
      rowCount,
      columnCount,
      described.source.contents.rows,
    );
    this.#kept = [0, 1, 2].map(() => new KeptRows(byUser));
  }

  /** @param marks as `Marker` makes them */
  add(entries: TimedRows, marks: Uint8Array, first: number): void {
    const { positions } = this.#whole.users;
    const parts = [0, 1, 2].map((mark) => takeMarked(entries, marks, (own) => own === mark));
    const [train, test] = parts;
    this.#summary.add(first, train!.rows);
    const { offsets } = test!.rows;
    const isKept = (row: number) =>
      offsets[row]! < offsets[row + 1]! &&
      isSampled(positions[first + row]!, this.#userCount, this.#seed);
    for (const [mark, part] of parts.entries()) this.#kept[mark]!.add(first, part, isKept);
  }

  /** @param entries those that are trained on */
  async split(entries: EntriesByUser) {
    const { users, items, duplicates, provenance, described } = this.#whole;
    const outline = { arena: this.#arena, users, items, duplicates, provenance };
    const [seen, test, foldIn] = this.#kept.map((rows) => rows.ratings(outline));
    const { source } = described;
    const train = await this.#summary.describe(outline, { source, entries, isPart: true });
    return { train, test: test!, seen: seen!, foldIn: foldIn! };
  }
}
