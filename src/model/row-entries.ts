import {
  DuplicateRatingError,
  describe,
  InvalidOptionError,
  InvalidRatingError,
} from '../errors.js';
import type { Id, IdVocabulary } from '../ratings/id-vocabulary.js';
import {
  countDuplicates,
  mergeDuplicates,
  resolveDuplicates,
} from '../ratings/merge-duplicates.js';
import type { DuplicatesPolicy, Side } from '../ratings/ratings.js';
import type { SparseRows } from '../ratings/sparse-rows.js';
import type { FoldInOptions } from './folded-row.js';
import { positionOf } from './position-of.js';

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

/** `FoldInOptions` checked, with defaults filled in. Throws `InvalidOptionError`. */
export function resolveFoldIn(options: FoldInOptions): Required<FoldInOptions> & {
  readonly unknown: 'error' | 'ignore';
  readonly duplicates: DuplicatesPolicy;
} {
  const { unknown = 'error' } = options;
  if (unknown !== 'error' && unknown !== 'ignore') {
    throw new InvalidOptionError('unknown', unknown, "'error' or 'ignore'");
  }
  return { unknown, duplicates: resolveDuplicates(options.duplicates) };
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
  { unknown, duplicates }: ReturnType<typeof resolveFoldIn>,
): RowEntries {
  const found: { position: number; rating: number }[] = [];
  for (const { id, rating } of entries) {
    const position = unknown === 'ignore' ? ids.positionOf(id) : positionOf(side, id, ids);
    if (position === undefined) continue;
    found.push({ position, rating: checkedRating(rating, feedback, found.length) });
  }
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
  const rounded = typeof rating === 'number' ? Math.fround(rating) : Number.NaN;
  if (!Number.isFinite(rounded) || (feedback === 'implicit' && rounded < 0)) {
    throw new InvalidRatingError(
      `rating ${String(rating)} at entry ${at}`,
      feedback === 'implicit' ? 'a finite number ≥ 0 with implicit feedback' : 'a finite number',
      'try leaving such entries out',
    );
  }
  return rounded;
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
