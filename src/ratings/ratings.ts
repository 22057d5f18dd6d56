import type { Arena } from '../arena.js';
import type { IdVocabulary } from './id-vocabulary.js';
import type { RowLengths, SparseRows } from './sparse-rows.js';

/** One of the two sides of the rating matrix. */
export type Side = 'user' | 'item';

/** The other side. */
export function opposite(side: Side): Side {
  return side === 'user' ? 'item' : 'user';
}

/**
 * What to do when a pair is rated more than once. `last` is by timestamp, else by input order.
 * The timestamp that stays is that of the rating that counts; of a sum or a mean, the latest.
 */
export type DuplicatesPolicy = 'error' | 'sum' | 'last' | 'max' | 'mean';

/** Which columns of a source were read as what; names as in the source. */
export interface ColumnsRead {
  readonly user: string;
  readonly item: string;
  /** Absent where there is none: every rating is 1. */
  readonly rating?: string;
  readonly timestamp?: string;
  /** Columns without a role. */
  readonly unread: readonly string[];
}

/** Rows that were left out because they are bad. */
export interface SkippedRows {
  readonly count: number;
  /** The first of them, where it is known. */
  readonly first:
    | { readonly file: string; readonly line: number; readonly text: string }
    | undefined;
}

/** How ratings were read from files or a query. */
export interface Provenance {
  readonly columns: ColumnsRead;
  /** Set where bad rows were to be left out. */
  readonly skippedRows?: SkippedRows;
}

/** Who rated, what was rated and how often, without the ratings themselves. In shared memory. */
export interface RatingsOutline {
  /** Owner of the arrays below; training allocates its factors beside them. */
  readonly arena: Arena;
  /** Rows are users, columns items. */
  readonly byUser: RowLengths;
  /** The same ratings transposed: rows are items, columns users. */
  readonly byItem: RowLengths;
  readonly users: RowNames;
  readonly items: RowNames;
  /** Ratings of an already rated pair that `duplicates` merged away, and how. */
  readonly duplicates: { readonly policy: DuplicatesPolicy; readonly count: number };
  /** Absent for ratings that are from neither files nor a query. */
  readonly provenance?: Provenance | undefined;
}

/** Sparse ratings both ways, in shared memory. */
export interface Ratings extends RatingsOutline {
  readonly byUser: SparseRows;
  readonly byItem: SparseRows;
  /**
   * When each entry of `byUser` was made, in the unit of the source (dates are Unix seconds);
   * −Infinity where it is not known. In the arena too: 8 bytes a rating. Undefined when the source
   * has no timestamps.
   */
  readonly timestamps?: Float64Array | undefined;
}

/**
 * Names of rows outside.
 *
 * Rows are numbered inside by falling rating count, so that a block is a batch of like rows and
 * hot rows lie side by side. Outside, a row has a position (the order of `ids`) and an id.
 *
 *     row (inside) ── positions[row] ──► position ── ids.at(position) ──► id
 */
export interface RowNames {
  readonly ids: IdVocabulary;
  readonly positions: Uint32Array;
}

/** Ratings to learn from and ratings withheld, with the same rows and the same names. */
export interface RatingsSplit {
  readonly train: Ratings;
  readonly test: Ratings;
  /**
   * Visible ratings of users who are withheld as a whole, for fold-in. These users have no rating
   * in `train`, and their hidden ratings are in `test`. Undefined when no user is withheld as a
   * whole; else `test` holds ratings of such users only.
   */
  readonly foldIn?: Ratings | undefined;
  /** The withheld ratings that are not in `test`; undefined if there are none. */
  readonly leftOut?: SplitLeftOut | undefined;
}

/** How many withheld ratings cannot be measured on, and why. */
export interface SplitLeftOut {
  /** Ratings of pairs that are trained on too: no list can hold them. */
  readonly seen: number;
}

/** The ratings with the given side's rows as rows. */
export function rowsOf<Rows extends RowLengths>(
  ratings: { readonly byUser: Rows; readonly byItem: Rows },
  side: Side,
): Rows {
  return side === 'user' ? ratings.byUser : ratings.byItem;
}
