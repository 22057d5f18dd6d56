import type { RowLengths, SparseRows } from '../ratings/sparse-rows.js';
import type { SideRatings, SparseLayout } from './job-layout.js';

/** Where the ratings of a side without any lie: nowhere. */
export const noRatings: SideRatings = Object.freeze({
  ratings: Object.freeze({ offsets: 0, columns: 0, ratings: 0 }),
});

/** Where the arrays of rows in an arena lie. */
export function sparseLayout({ offsets, columns, ratings }: SparseRows): SparseLayout {
  return {
    offsets: offsets.byteOffset,
    columns: columns.byteOffset,
    ratings: ratings.byteOffset,
  };
}

/** The same of rows of which no more than their lengths is there. */
export function lengthsLayout({ offsets }: RowLengths): SparseLayout {
  return { offsets: offsets.byteOffset, columns: 0, ratings: 0 };
}
