import { exactBelow } from './kernel-source.js';

/** Consecutive rows of a side that are solved together, with ratings of their own on the device. */
export interface Shard {
  readonly firstRow: number;
  /** Exclusive. */
  readonly endRow: number;
  /** Of the side's ratings, the first of these rows'. */
  readonly firstEntry: number;
  readonly endEntry: number;
}

/**
 * Cuts the rows of a side so that every shard has fewer elements, ratings and withheld ratings than a
 * float32 counts exactly. What a row becomes does not depend on the cuts.
 *
 * @param offsets where the ratings of every row begin, and the end of the last
 * @param stride elements of a row
 * @param limit elements and ratings of a shard at most; a row with more has a shard to itself
 */
export function cutIntoShards(
  offsets: Uint32Array,
  stride: number,
  { heldOut = offsets, limit = exactBelow }: { heldOut?: Uint32Array; limit?: number } = {},
): Shard[] {
  const rowCount = offsets.length - 1;
  const shards: Shard[] = [];
  let firstRow = 0;
  for (let end = 1; end <= rowCount; end++) {
    const fits =
      end < rowCount &&
      (end + 1 - firstRow) * stride <= limit &&
      offsets[end + 1]! - offsets[firstRow]! <= limit &&
      heldOut[end + 1]! - heldOut[firstRow]! <= limit;
    if (fits) continue;
    const [firstEntry, endEntry] = [offsets[firstRow]!, offsets[end]!];
    shards.push({ firstRow, endRow: end, firstEntry, endEntry });
    firstRow = end;
  }
  return shards;
}

/** Runs of rows or ratings of a shard that are summed one by one, never across blocks. */
export interface Tiles {
  /** Within the shard; the end of the last follows. */
  readonly starts: Float32Array;
  /** First tile of every block of the side, and the end of the last; none where it has no rows here. */
  readonly blockStarts: readonly number[];
}

/**
 * Tiles of at most `size` between bounds.
 *
 * @param bounds where every block of the side begins, and the end of the last, of the side
 * @param first what of it is the shard's
 * @param end exclusive
 */
export function cutIntoTiles(
  bounds: readonly number[],
  { first, end, size }: { readonly first: number; readonly end: number; readonly size: number },
): Tiles {
  const starts: number[] = [];
  const blockStarts: number[] = [0];
  for (let block = 0; block + 1 < bounds.length; block++) {
    const blockEnd = Math.min(end, bounds[block + 1]!);
    for (let at = Math.max(first, bounds[block]!); at < blockEnd; at += size) {
      starts.push(at - first);
    }
    blockStarts.push(starts.length);
  }
  starts.push(end - first);
  return { starts: Float32Array.from(starts), blockStarts };
}
