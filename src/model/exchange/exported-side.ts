import { type Id, listedIds } from '../../ratings/id-vocabulary.js';
import type { Side } from '../../ratings/ratings.js';
import { scoringRows } from '../ranking/scoring-rows.js';
import { encodeIds, type IdColumn } from '../store/id-column.js';

/** What of a model is exported. */
export interface ExportableModel {
  readonly rank: number;
  readonly globalMean: number;
  readonly userFactors: Float32Array;
  readonly itemFactors: Float32Array;
  readonly userBiases: Float32Array | undefined;
  readonly itemBiases: Float32Array | undefined;
  readonly userIds: readonly Id[];
  readonly itemIds: readonly Id[];
  readonly settings: {
    readonly alpha: number;
    readonly regularization: number;
    readonly iterations: number;
  };
}

/** The rows of one side whose products with those of the other side are the scores. */
export interface ExportedSide {
  readonly side: Side;
  readonly ids: readonly Id[];
  /** The ids, whole numbers where all are: of kind `mixed` as text that tells types apart. */
  readonly idColumn: IdColumn['column'];
  /** Elements of a row: the rank, and two more in a model with biases or a mean. */
  readonly width: number;
  /** Row-major, ids × width. */
  readonly rows: Float32Array;
}

/** Both sides, the users first. */
export function exportedSides(model: ExportableModel): readonly [ExportedSide, ExportedSide] {
  const { rank, globalMean } = model;
  const sideOf = (side: Side): ExportedSide => {
    const isUser = side === 'user';
    const ids = isUser ? model.userIds : model.itemIds;
    const factors = isUser ? model.userFactors : model.itemFactors;
    const biases = isUser ? model.userBiases : model.itemBiases;
    const { width, rows } = scoringRows(side, { factors, biases }, rank, globalMean);
    return { side, ids, idColumn: encodeIds(listedIds(ids)).column, width, rows };
  };
  return [sideOf('user'), sideOf('item')];
}

/** Integers of at most 64 bits, if all ids of the column are. */
export function integersOf(column: IdColumn['column']): BigInt64Array | undefined {
  if (column.type === 'int64') return column.values;
  return column.type === 'int32' ? BigInt64Array.from(column.values, BigInt) : undefined;
}

/** The ids as text, as they stand in their column. */
export function textsOf({ ids, idColumn }: ExportedSide): readonly string[] {
  if (idColumn.type !== 'utf8') return ids.map(String);
  return Array.from(ids, (_, row) => idColumn.values.at(row)!);
}
