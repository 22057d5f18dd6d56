import { checkOptions, oneOf, type Rules } from '../check-options.js';
import { DuplicateRatingError, describe } from '../errors.js';
import { checkRating, invalidRating } from '../ratings/check-entry.js';
import type { Id, IdVocabulary } from '../ratings/id-vocabulary.js';
import { aPolicy, countDuplicates, mergeDuplicates } from '../ratings/merge-duplicates.js';
import type { DuplicatesPolicy, Side } from '../ratings/ratings.js';
import type { SparseRows } from '../ratings/sparse-rows.js';
import { refuseTimes, timesIn } from '../ratings/times-detector.js';
import type { FoldInOptions } from './folded-row.js';
import { positionIfKnown, positionOf } from './position-of.js';

/** The ratings of one row: positions on the other side, ascending and distinct. */
export interface RowEntries {
  readonly positions: Uint32Array;
  readonly ratings: Float32Array;
}

/** One rating of a row by its id on the other side. */
export interface RawEntry {
  readonly id: Id;
  readonly rating: number | undefined;
}

const rules: Rules<keyof FoldInOptions> = {
  unknown: oneOf('error', 'ignore'),
  duplicates: aPolicy,
};

/** Throws `InvalidOptionError`. */
export function checkFoldIn(of: string, options: FoldInOptions): void {
  checkOptions({ of }, options, rules);
}

/**
 * The ratings of a row that is folded in.
 *
 * @param side of the ids
 * Throws `UnknownIdError`, `InvalidRatingError` or `DuplicateRatingError`.
 */
export function rowEntries(
  entries: Iterable<RawEntry>,
  side: Side,
  ids: IdVocabulary,
  feedback: 'implicit' | 'explicit',
  { unknown = 'error', duplicates = 'last' }: FoldInOptions,
): RowEntries {
  const found: { position: number; rating: number }[] = [];
  let entry = 0;
  for (const { id, rating } of entries) {
    const known = unknown === 'ignore' ? positionIfKnown : positionOf;
    const position = known(side, id, ids);
    const checked = checkedRating(rating, feedback, entry++);
    if (position !== undefined) found.push({ position, rating: checked });
  }
  checkNotTimes(found.map(({ rating }) => rating));
  // Array sorts are stable, so ratings of one id stay in input order.
  found.sort((a, b) => a.position - b.position);
  const rows = {
    rowCount: 1,
    columnCount: ids.size,
    offsets: Uint32Array.of(0, found.length),
    columns: Uint32Array.from(found, ({ position }) => position),
    ratings: Float32Array.from(found, ({ rating }) => rating),
  };
  const merged = mergedRows(rows, duplicates, (_row, position) => {
    return `${side} ${describe(ids.at(position))}`;
  });
  return { positions: merged.columns, ratings: merged.ratings };
}

/**
 * The rating as float32 holds it, 1 if there is none.
 *
 * @param at which entry it is, for the message
 * Throws `InvalidRatingError`.
 */
export function checkedRating(
  rating: unknown,
  feedback: 'implicit' | 'explicit',
  at: number,
): number {
  if (rating === undefined) return 1;
  const isImplicit = feedback === 'implicit';
  const expected = isImplicit ? 'a finite number ≥ 0 with implicit feedback' : undefined;
  const rounded = checkRating(rating, at, expected);
  if (isImplicit && rounded < 0) throw invalidRating(rating, at, expected!);
  return rounded;
}

/** Throws `InvalidRatingError` for ratings that are times, as training does. */
export function checkNotTimes(ratings: ArrayLike<number>): void {
  refuseTimes(
    timesIn(Float32Array.from(ratings)),
    'ratings without the field rating, or with another',
  );
}

/**
 * Rows with one entry a column. Columns ascend before; works in place.
 *
 * @param nameOf the pair of a row and a column, for the message
 * Throws `DuplicateRatingError` if a pair comes twice and the policy is `error`.
 */
export function mergedRows(
  rows: SparseRows,
  policy: DuplicatesPolicy,
  nameOf: (row: number, column: number) => string,
): SparseRows {
  const { count, first } = countDuplicates(rows);
  if (first !== undefined && policy === 'error') {
    throw new DuplicateRatingError(count, nameOf(...first));
  }
  return count === 0 ? rows : mergeDuplicates({ rows, timestamps: undefined }, policy).rows;
}
