import { measureRow, pairsOf, quantize, RowSize, scaleOf } from './quantize';

/**
 * The items that may be recommended, as whole numbers in panels of eight, each read front to back:
 *
 *     panel 0: pair 0 of items 0 … 7, pair 1 of items 0 … 7, …    panel 1: pair 0 of items 8 … 15, …
 *
 * Items come in the order given, which should put large norms first: they raise the bar early. The
 * last panel is filled up with zero.
 */
@unmanaged
export class PackedItems {
  /** Element = scale × whole number + error. One scale for all, so that products compare. */
  scale: f64;
  /** Greatest norm of an item, and of an item less its whole numbers. */
  norm: f64;
  error: f64;
}

const headerBytes: usize = 64;

/** Bytes of `itemCount` packed items; may be more than fits 32 bits. */
export function packedBytes(itemCount: usize, rank: usize): f64 {
  return <f64>(headerBytes + <u64>((itemCount + 7) >> 3) * panelBytes(rank));
}

export function panelBytes(rank: usize): usize {
  return pairsOf(rank) << 5;
}

// @ts-ignore: decorator
@inline
export function firstPanel(packed: PackedItems): usize {
  return changetype<usize>(packed) + headerBytes;
}

/**
 * Packs the items at `order`, u32 positions, of the f32 rows at `items`. The memory at `packed` is
 * zero before. Nothing but the norm is written if it is zero or not finite.
 */
export function packItems(
  items: usize,
  rank: usize,
  order: usize,
  itemCount: usize,
  packed: PackedItems,
): void {
  const rowBytes = rank << 2;
  // The header's own fields hold the size of one row while rows are measured.
  const size = changetype<RowSize>(changetype<usize>(packed) + 32);
  let norm: f64 = 0;
  let peak: f64 = 0;
  for (let i: usize = 0; i < itemCount; i++) {
    measureRow(items + load<u32>(order + (i << 2)) * rowBytes, rank, size);
    norm = max(norm, size.norm);
    peak = max(peak, size.peak);
  }
  packed.norm = norm;
  if (!(norm > 0 && norm < Infinity)) return;

  size.norm = norm;
  size.peak = peak;
  packed.scale = scaleOf(size, rank);
  let error: f64 = 0;
  for (let i: usize = 0; i < itemCount; i++) {
    const row = items + load<u32>(order + (i << 2)) * rowBytes;
    const to = firstPanel(packed) + (i >> 3) * panelBytes(rank) + ((i & 7) << 2);
    error = max(error, quantize(row, rank, packed.scale, to, 32));
  }
  packed.error = error;
}
