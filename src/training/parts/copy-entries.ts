import type { Arena } from '../../arena.js';
import { allocateSparseRows, type SparseRows } from '../../ratings/sparse-rows.js';

/**
 * Some rows of a matrix in another arena, their columns renumbered.
 *
 * @param columnAs by column: its new number; ascending columns stay ascending
 */
export function copyEntries(
  rows: SparseRows,
  range: { readonly first: number; readonly end: number },
  columnAs: Uint32Array,
  arena: Arena,
): SparseRows {
  const from = rows.offsets[range.first]!;
  const end = rows.offsets[range.end]!;
  const copy = allocateSparseRows(arena, {
    rowCount: range.end - range.first,
    columnCount: columnAs.length,
    count: end - from,
  });
  for (let row = 0; row <= copy.rowCount; row++) {
    copy.offsets[row] = rows.offsets[range.first + row]! - from;
  }
  const { columns } = rows;
  for (let at = from; at < end; at++) copy.columns[at - from] = columnAs[columns[at]!]!;
  copy.ratings.set(rows.ratings.subarray(from, end));
  return copy;
}
