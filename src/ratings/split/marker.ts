import type { NumberedRows } from './mark-random.js';

/** Rows of some users or of all, and when their entries were made. */
export interface RatedRows extends NumberedRows {
  readonly timestamps?: Float64Array | undefined;
}

/** Chooses what to withhold of ratings that come in one lot or in several, in the order of the rows. */
export interface Marker {
  /** Users who may have something withheld. */
  readonly users: number;
  /**
   * For every entry of `byUser`: 0 to train on it, 1 to withhold it, 2 for fold-in to see it. Throws
   * `InvalidOptionError` for rows without timestamps that need some.
   */
  mark(rows: RatedRows): Uint8Array;
  /** To call once after all. Throws `InvalidOptionError` if what was marked is no split. */
  check(): void;
}
