import { Arena } from '../../../../src/arena.js';
import type { JobLayout, SideLayout } from '../../../../src/kernels/job-layout.js';
import {
  type JobShape,
  type LayoutDraft,
  layOutJob,
  type SideShape,
} from '../../../../src/kernels/lay-out-job.js';
import { noRatings, sparseLayout } from '../../../../src/kernels/ratings-layout.js';
import { traitsOf } from '../../../../src/kernels/select/choose-kernel.js';
import { opposite, type Side } from '../../../../src/ratings/ratings.js';
import { allocateSparseRows, type SparseRows } from '../../../../src/ratings/sparse-rows.js';
import { numbersOf } from '../../../../src/training/parts/create-parted-job.js';
import { neededBy } from '../../../../src/training/parts/cut-side.js';
import { rowBytesOf } from '../protocol/row-piece.js';

/** Some blocks of a side whose ratings are coming to a memory of their own. */
export interface PartDraft {
  readonly side: Side;
  readonly blocks: readonly number[];
  readonly arena: Arena;
  /** Rows of the blocks, one block after the other; columns are rows of the whole other side. */
  readonly ratings: SparseRows;
  readonly heldOut: SparseRows | undefined;
  /** As much of a layout as data are placed and checked by. */
  readonly layout: LayoutDraft;
}

/** Blocks of a side in a memory of their own, with copies of the rows of the other side that they need. */
export interface HostedPart {
  readonly side: Side;
  readonly blocks: readonly number[];
  /** Rows of its side are those of its blocks, numbered from 0; other blocks are empty. */
  readonly layout: JobLayout;
  /** Rows of the other side that it has copies of, ascending. */
  readonly needed: Uint32Array;
}

/**
 * Makes room for the ratings of some blocks.
 *
 * @param lengths a layout of which no more than the rows' lengths and λ is there
 * @param blocks ascending
 * Throws `MemoryLimitError`.
 */
export function draftPart(lengths: LayoutDraft, side: Side, blocks: readonly number[]): PartDraft {
  const arena = new Arena();
  const whole = lengths[side];
  const other = lengths[opposite(side)];
  const { blockStarts } = whole;
  const starts = localStarts(blockStarts, blocks);
  const rowCount = starts.at(-1)!;
  const copyLengths = (offsets: number): SparseRows => {
    const all = new Uint32Array(lengths.memory.buffer, offsets, whole.rowCount + 1);
    const count = blocks.reduce(
      (sum, block) => sum + all[blockStarts[block + 1]!]! - all[blockStarts[block]!]!,
      0,
    );
    const rows = allocateSparseRows(arena, { rowCount, columnCount: other.rowCount, count });
    let at = 0;
    for (const block of blocks) {
      for (let row = blockStarts[block]!; row < blockStarts[block + 1]!; row++, at++) {
        rows.offsets[at + 1] = rows.offsets[at]! + all[row + 1]! - all[row]!;
      }
    }
    return rows;
  };
  const ratings = copyLengths(whole.ratings.offsets);
  const heldOut = whole.heldOut && copyLengths(whole.heldOut.offsets);
  const own: SideLayout = {
    ...whole,
    ...{ rowCount, blockStarts: starts, ratings: sparseLayout(ratings) },
    ...(heldOut && { heldOut: sparseLayout(heldOut) }),
  };
  const layout = { ...lengths, memory: arena.memory, ...bySide(side, own, other) };
  return { side, blocks, arena, ratings, heldOut, layout };
}

/**
 * Lays a part out once all its ratings are there: numbers its columns anew, in their order, and takes its
 * rows' λ. Throws `MemoryLimitError`.
 *
 * @param slots how many tasks run at the same time at most
 */
export function layOutHostedPart(
  draft: PartDraft,
  lengths: LayoutDraft,
  shape: JobShape,
  slots: number,
): HostedPart {
  const { side, blocks, arena, ratings, heldOut } = draft;
  const all = heldOut ? [ratings, heldOut] : [ratings];
  const needed = neededBy(all);
  const numbers = numbersOf(needed, ratings.columnCount);
  for (const { columns } of all) {
    for (let at = 0; at < columns.length; at++) columns[at] = numbers[columns[at]!]!;
  }
  const { rowCount, blockStarts } = draft.layout[side];
  const own: SideShape = {
    ...shape[side],
    ...{ rowCount, blockStarts, entries: ratings.columns.length },
    ...(heldOut && { heldOutEntries: heldOut.columns.length }),
  };
  const { rowCount: copiedFrom, pinned } = shape[opposite(side)];
  const copies: SideShape = {
    ...{ rowCount: needed.length, copiedFrom, blockStarts: [0, needed.length], entries: 0 },
    ...(pinned !== undefined && { pinned }),
  };
  const { source: _, ...settings } = shape;
  const partShape = { ...settings, ...bySide(side, own, copies) };
  const { ratings: at, heldOut: heldOutAt } = draft.layout[side];
  const ownRatings = { ratings: at, ...(heldOutAt && { heldOut: heldOutAt }) };
  const { layout } = layOutJob(partShape, arena, {
    ...{ id: lengths.id, kernel: traitsOf(shape.kernel), slots },
    ratings: bySide(side, ownRatings, noRatings),
  });
  const bytes = shape.elementBytes;
  for (const block of blocks) {
    const [first, end] = [shape[side].blockStarts[block]!, shape[side].blockStarts[block + 1]!];
    const from = lengths[side].regularizers + first * bytes;
    const to = layout[side].regularizers + blockStarts[block]! * bytes;
    const length = (end - first) * bytes;
    new Uint8Array(layout.memory.buffer, to, length).set(
      new Uint8Array(lengths.memory.buffer, from, length),
    );
  }
  return { side, blocks, layout, needed };
}

/**
 * Copies rows of its own side that follow one another to their places.
 *
 * @param starts boundaries of the blocks of the whole side
 * @param first the first row, in the numbering of the whole side
 */
export function placeOwnRows(
  { side, blocks, layout }: HostedPart,
  starts: readonly number[],
  generation: number,
  first: number,
  rows: Uint8Array,
): void {
  const rowBytes = rowBytesOf(layout);
  const end = first + rows.length / rowBytes;
  const table = layout[side].factors[(generation & 1) as 0 | 1];
  for (const block of blocks) {
    const from = Math.max(first, starts[block]!);
    const to = Math.min(end, starts[block + 1]!);
    if (from >= to) continue;
    const local = layout[side].blockStarts[block]! + from - starts[block]!;
    const bytes = rows.subarray((from - first) * rowBytes, (to - first) * rowBytes);
    new Uint8Array(layout.memory.buffer, table + local * rowBytes, bytes.length).set(bytes);
  }
}

/** Copies those of rows of the other side that the part needs; `first` as for `placeOwnRows`. */
export function placeCopies(
  { side, layout, needed }: HostedPart,
  first: number,
  rows: Uint8Array,
): void {
  const rowBytes = rowBytesOf(layout);
  const end = first + rows.length / rowBytes;
  const table = layout[opposite(side)].factors[0];
  const copies = new Uint8Array(layout.memory.buffer, table, needed.length * rowBytes);
  for (let at = placeOf(needed, first); at < needed.length && needed[at]! < end; ) {
    // Rows that follow one another at both ends go in one piece.
    let next = at + 1;
    while (next < needed.length && needed[next] === needed[next - 1]! + 1 && needed[next]! < end) {
      next++;
    }
    const source = (needed[at]! - first) * rowBytes;
    copies.set(rows.subarray(source, source + (next - at) * rowBytes), at * rowBytes);
    at = next;
  }
}

/** How many of ascending numbers are below `value`. */
function placeOf(numbers: Uint32Array, value: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Boundaries of the blocks where only some of them have rows. */
function localStarts(starts: readonly number[], blocks: readonly number[]): number[] {
  const here = new Set(blocks);
  const local = [0];
  for (let block = 0; block + 1 < starts.length; block++) {
    const rows = here.has(block) ? starts[block + 1]! - starts[block]! : 0;
    local.push(local[block]! + rows);
  }
  return local;
}

function bySide<Of>(side: Side, own: Of, other: Of): Record<Side, Of> {
  // The two sides are all there are.
  return { [side]: own, [opposite(side)]: other } as Record<Side, Of>;
}
