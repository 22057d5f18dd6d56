import { Arena, arenaBytes } from '../../arena.js';
import { MemoryLimitError } from '../../errors.js';
import {
  bytesOfJob,
  bytesOfRatings,
  type JobShape,
  layOutJob,
  noRatings,
  type SideShape,
  slotBytesOf,
  sparseLayout,
} from '../../kernels/job-layout.js';
import type { SideRatings } from '../../kernels/kernel.js';
import type { PartedSide, PartLayout } from '../../kernels/parts/parted-layout.js';
import { isCpuKernel } from '../../kernels/select/choose-kernel.js';
import { maxBlockCount } from '../../ratings/blocks.js';
import { isDescribed } from '../../ratings/described-ratings.js';
import { opposite, type Ratings, rowsOf, type Side } from '../../ratings/ratings.js';
import { fillRows } from '../fill-job.js';
import {
  checkInput,
  createJob,
  type Job,
  type JobInput,
  newJobId,
  ratingsLayoutOf,
  shapeOfJob,
} from '../job.js';
import { copyEntries } from './copy-entries.js';
import { type Cut, cutSide } from './cut-side.js';

/** What the parts of a job are made of. */
interface PartedInput extends JobInput {
  readonly ratings: Ratings;
  readonly shape: JobShape;
  readonly id: string;
  /** Bytes of scratch memory of a slot, enough for every block. */
  readonly slotBytes: number;
  readonly partBytes: number;
}

/**
 * `createJob` for a place that takes parts: in one memory where the job fits one, else in parts with
 * memories of their own beside that of the ratings. Both train to the same bits.
 *
 * @param partBytes what a memory of the job takes at most, with its ratings; default and most: what
 *   WebAssembly addresses
 * Throws what `createJob` throws, `MemoryLimitError` if a part of one block is too large.
 */
export function createFittingJob(input: JobInput, partBytes: number = arenaBytes): Job {
  const { ratings, kernel } = input;
  if (isDescribed(ratings) || !isCpuKernel(kernel.name)) return createJob(input);
  if (partBytes === arenaBytes) {
    try {
      return createJob(input);
    } catch (error) {
      if (!(error instanceof MemoryLimitError)) throw error;
    }
  }
  checkInput(input);
  const shape = shapeOfJob(input);
  const slotBytes = largestSlot({ ...input, ratings }, shape);
  const ratingsBytes = bytesOfRatings(shape.user) + bytesOfRatings(shape.item);
  const bytes = bytesOfJob(shape) + ratingsBytes + input.slots * slotBytes;
  if (bytes <= partBytes && partBytes !== arenaBytes) return createJob(input);
  return createPartedJob({ ...input, ratings, shape, id: newJobId(), slotBytes, partBytes });
}

function createPartedJob(input: PartedInput): Job {
  const { ratings, heldOut, options, shape, id } = input;
  const { user, item, ...settings } = shape;
  const sides = { user: partsOfSide(input, 'user'), item: partsOfSide(input, 'item') };
  const parts = { user: sides.user.map(partOf), item: sides.item.map(partOf) };
  const arenas = [...sides.user, ...sides.item].map(({ arena }) => arena);
  const side = (name: Side): PartedSide => {
    const { rowCount, pinned, blockStarts } = shape[name];
    return {
      rowCount,
      ...(pinned !== undefined && { pinned }),
      blockStarts,
      parts: parts[name],
    };
  };
  return {
    layout: { ...settings, id, user: side('user'), item: side('item') },
    ...{ arenas, ratings, heldOut, options },
    // Events of the run hold the job, but its memory goes with the run.
    release() {
      for (const list of [parts.user, parts.item, arenas]) list.length = 0;
    },
  };
}

interface OwnedPart extends PartLayout {
  readonly arena: Arena;
}

function partOf({ arena: _, ...part }: OwnedPart): PartLayout {
  return part;
}

function partsOfSide(input: PartedInput, side: Side): OwnedPart[] {
  const { ratings, heldOut, shape, slots, slotBytes, partBytes } = input;
  const { blockStarts } = shape[side];
  const fits = (bytes: number) => bytes <= partBytes;
  const bytesOf = (firstBlock: number, endBlock: number, needed: number): number => {
    const part = shapeOfPart(input, side, { firstBlock, endBlock }, needed);
    return bytesOfJob(part) + bytesOfRatings(part[side]) + needed * 4 + slots * slotBytes;
  };
  const isMeasured = side === shape.phaseOrder[1];
  const cuts = cutSide({
    ratings: [rowsOf(ratings, side), ...(heldOut && isMeasured ? [rowsOf(heldOut, side)] : [])],
    ...{ blockStarts, bytesOf, fits },
  });
  for (const { firstBlock, endBlock, needed } of cuts) {
    const bytes = bytesOf(firstBlock, endBlock, needed.length);
    if (!fits(bytes)) throw new MemoryLimitError(bytes, partBytes, adviceFor(shape[side]));
  }
  return cuts.map((cut) => layOutPart(input, side, cut));
}

function layOutPart(input: PartedInput, side: Side, cut: Cut): OwnedPart {
  const { ratings, heldOut, options, kernel, slots, shape, id } = input;
  const { firstBlock, endBlock, needed } = cut;
  const { blockStarts } = shape[side];
  const range = { first: blockStarts[firstBlock]!, end: blockStarts[endBlock]! };
  const arena = new Arena();
  const columnAs = new Uint32Array(rowsOf(ratings, side).columnCount);
  for (let at = 0; at < needed.length; at++) columnAs[needed[at]!] = at;
  const copyOf = (from: Ratings) =>
    sparseLayout(copyEntries(rowsOf(from, side), range, columnAs, arena));
  const isMeasured = side === shape.phaseOrder[1];
  const own: SideRatings = {
    ratings: copyOf(ratings),
    ...(heldOut && isMeasured && { heldOut: copyOf(heldOut) }),
  };
  const neededRows = arena.uint32(needed.length);
  neededRows.set(needed);
  const { layout } = layOutJob(shapeOfPart(input, side, cut, needed.length), arena, {
    ...{ id, kernel, slots },
    ratings: bySide(side, own, noRatings),
  });
  fillRows(layout, side, range.first, ratings, options);
  return {
    ...{ layout, firstBlock, endBlock, arena },
    firstRow: range.first,
    needed: neededRows.byteOffset,
  };
}

/** What makes a part of one block smaller. */
function adviceFor({ blockStarts }: SideShape): string {
  const blockCount = blockStarts.length - 1;
  const more = blockCount < maxBlockCount ? `blocks: ${maxBlockCount} or ` : '';
  return `${more}a lower rank: one of ${blockCount} blocks alone is too large`;
}

/** A part in numbers: the blocks' rows, and copies of the rows that they need. */
function shapeOfPart(
  { ratings, heldOut, shape }: PartedInput,
  side: Side,
  { firstBlock, endBlock }: Pick<Cut, 'firstBlock' | 'endBlock'>,
  needed: number,
): JobShape {
  const whole = shape[side];
  const [first, end] = [whole.blockStarts[firstBlock]!, whole.blockStarts[endBlock]!];
  const entriesOf = (from: Ratings) => {
    const { offsets } = rowsOf(from, side);
    return offsets[end]! - offsets[first]!;
  };
  const isMeasured = side === shape.phaseOrder[1];
  const own: SideShape = {
    ...whole,
    rowCount: end - first,
    blockStarts: whole.blockStarts.map((row) => Math.min(Math.max(row, first), end) - first),
    entries: entriesOf(ratings),
    ...(heldOut && isMeasured && { heldOutEntries: entriesOf(heldOut) }),
  };
  const { rowCount: copiedFrom, pinned } = shape[opposite(side)];
  const copies: SideShape = {
    ...{ rowCount: needed, copiedFrom, blockStarts: [0], entries: 0 },
    ...(pinned !== undefined && { pinned }),
  };
  return { ...shape, ...bySide(side, own, copies) };
}

/** Bytes of scratch memory that suffice for a block of either side. */
function largestSlot(
  { ratings, heldOut, kernel }: Omit<PartedInput, 'shape' | 'id' | 'slotBytes' | 'partBytes'>,
  shape: JobShape,
): number {
  return slotBytesOf(kernel, {
    ...shape,
    memory: ratings.arena.memory,
    user: { ...shape.user, ...ratingsLayoutOf('user', ratings, heldOut) },
    item: { ...shape.item, ...ratingsLayoutOf('item', ratings, heldOut) },
  });
}

function bySide<Of>(side: Side, own: Of, other: Of): Record<Side, Of> {
  return { [side]: own, [opposite(side)]: other } as Record<Side, Of>;
}
