import type { PackedTexts, Texts } from '../../ratings/packed-texts.js';
import type { Elements } from '../../training/elements.js';

/** A column of an Arrow file, as plain arrays. `int64` holds two's complement 64-bit integers. */
export type ArrowColumn =
  | { readonly type: 'utf8'; readonly values: PackedTexts }
  | { readonly type: 'int32'; readonly values: Int32Array }
  | { readonly type: 'int64'; readonly values: BigInt64Array }
  | { readonly type: 'float32'; readonly values: Float32Array }
  | { readonly type: 'float64'; readonly values: Float64Array }
  /** Row r is values[r · width] … values[(r + 1) · width − 1]. */
  | { readonly type: 'vectors'; readonly width: number; readonly values: Float32Array }
  /** Row r is values[offsets[r]] … values[offsets[r + 1] − 1]; offsets start with 0. */
  | { readonly type: 'lists'; readonly offsets: Uint32Array; readonly values: ListValues };

export type ListValues = Uint32Array | Float32Array;

export type ArrowColumns = ReadonlyMap<string, ArrowColumn>;

/** A column to be written: one of numbers may be read when it is its turn, at most once a batch. */
export type WritableColumn =
  | Exclude<ArrowColumn, { readonly type: 'utf8' | 'float32' | 'float64' | 'vectors' | 'lists' }>
  /** Without lone surrogates, which UTF-8 cannot hold. */
  | { readonly type: 'utf8'; readonly values: Texts }
  | { readonly type: 'float32'; readonly values: Elements<Float32Array> }
  | { readonly type: 'float64'; readonly values: Elements<Float64Array> }
  | { readonly type: 'vectors'; readonly width: number; readonly values: Elements<Float32Array> }
  | {
      readonly type: 'lists';
      readonly offsets: Uint32Array;
      readonly values: Elements<Uint32Array> | Elements<Float32Array>;
    };

/** How many rows a column has. */
export function columnLength(column: WritableColumn): number {
  switch (column.type) {
    case 'vectors':
      return column.values.length / column.width;
    case 'lists':
      return column.offsets.length - 1;
    default:
      return column.values.length;
  }
}
