import type { Arena } from '../../arena.js';
import { MemoryLimitError } from '../../errors.js';
import type { SideRatings } from '../../kernels/job-layout.js';
import {
  bytesOfJob,
  bytesOfRatings,
  type JobShape,
  layOutJob,
  type SideShape,
  slotBytesOf,
} from '../../kernels/lay-out-job.js';
import type { PartedSide, PartLayout } from '../../kernels/parts/parted-layout.js';
import { noRatings } from '../../kernels/ratings-layout.js';
import { memoryHere } from '../../machine-memory.js';
import { maxBlockCount } from '../../ratings/blocks.js';
import { opposite, rowsOf, type Side } from '../../ratings/ratings.js';
import type { RowLengths, SparseRows } from '../../ratings/sparse-rows.js';
import { fillRows } from '../fill-job.js';
import {
  checkInput,
  type Job,
  type JobInput,
  newJobId,
  ratingsLayoutOf,
  shapeOfJob,
} from '../job.js';
import type { BlockRange } from './cut-side.js';

/** What the parts of a job are made of. */
export interface PartedInput extends JobInput {
  /** Of the whole job. */
  readonly shape: JobShape;
  readonly id: string;
  /** Bytes of scratch memory of a slot, enough for every block. */
  readonly slotBytes: number;
  /** What a part takes at most. */
  readonly partBytes: number;
}

/** A part, and the owner of its memory. */
export interface OwnedPart extends PartLayout {
  readonly arena: Arena;
}

/** Throws what `createJob` throws for input that cannot be trained on. */
export function partedInput(input: JobInput, partBytes: number): PartedInput {
  checkInput(input);
  // Parts hold their ratings, wherever they come from.
  const { source: _, ...shape } = shapeOfJob(input);
  const { ratings, heldOut, kernel } = input;
  const slotBytes = slotBytesOf(kernel, {
    ...shape,
    memory: ratings.arena.memory,
    user: { ...shape.user, ...ratingsLayoutOf('user', ratings, heldOut) },
    item: { ...shape.item, ...ratingsLayoutOf('item', ratings, heldOut) },
  });
  return { ...input, shape, id: newJobId(), slotBytes, partBytes };
}

/** Whether the blocks of a side measure the errors of those withheld. */
function isMeasured({ shape }: PartedInput, side: Side): boolean {
  return side === shape.phaseOrder[1];
}

/** Withheld ratings that the blocks of a side measure the errors of. */
export function withheldOf(input: PartedInput, side: Side): SparseRows | undefined {
  const { heldOut } = input;
  return heldOut && isMeasured(input, side) ? rowsOf(heldOut, side) : undefined;
}

/** Bytes of a part of these blocks with copies of so many rows. */
export function bytesOfPart(
  input: PartedInput,
  side: Side,
  blocks: BlockRange,
  needed: number,
): number {
  const part = shapeOfPart(input, side, blocks, needed);
  return bytesOfJob(part) + bytesOfRatings(part[side]) + needed * 4 + input.slots * input.slotBytes;
}

/** Throws `MemoryLimitError` if a part of one block has more bytes than a part may have. */
export function checkPartSize({ shape, partBytes }: PartedInput, side: Side, bytes: number): void {
  if (bytes <= partBytes) return;
  const blockCount = shape[side].blockStarts.length - 1;
  const more = blockCount < maxBlockCount ? `blocks: ${maxBlockCount} or ` : '';
  const advice = `${more}a lower rank: one of ${blockCount} blocks alone is too large`;
  throw new MemoryLimitError(bytes, partBytes, advice);
}

/** Throws `MemoryLimitError` if the parts of a job take more bytes than this process may have. */
export function checkMachineMemory(bytes: number, memoryBytes = memoryHere()): void {
  if (bytes <= memoryBytes) return;
  const advice = 'nodes(), whose machines add their memory, a lower rank or fewer ratings';
  throw new MemoryLimitError(bytes, memoryBytes, advice, 'this machine, or its container, has');
}

/**
 * Lays a part out in the arena that holds its ratings, and fills in λ and starting factors.
 *
 * @param own where its ratings lie; columns are numbers of needed rows
 * @param needed rows of the other side, ascending
 */
export function layOutPart(
  input: PartedInput,
  side: Side,
  { firstBlock, endBlock }: BlockRange,
  { arena, own, needed }: { readonly arena: Arena; own: SideRatings; needed: Uint32Array },
): OwnedPart {
  const { kernel, slots, id, ratings, settings, shape } = input;
  const firstRow = shape[side].blockStarts[firstBlock]!;
  const neededRows = arena.uint32(needed.length);
  neededRows.set(needed);
  const part = shapeOfPart(input, side, { firstBlock, endBlock }, needed.length);
  const { layout } = layOutJob(part, arena, {
    ...{ id, kernel, slots },
    ratings: bySide(side, own, noRatings),
  });
  fillRows(layout, side, firstRow, ratings, settings);
  return { layout, firstBlock, endBlock, firstRow, needed: neededRows.byteOffset, arena };
}

/** The job of these parts. */
export function joinParts(
  input: PartedInput,
  owned: Readonly<Record<Side, readonly OwnedPart[]>>,
): Job {
  const { ratings, heldOut, settings, shape, id, gpu } = input;
  const { user, item, ...common } = shape;
  const parts = { user: owned.user.map(layoutOf), item: owned.item.map(layoutOf) };
  const arenas = [...owned.user, ...owned.item].map(({ arena }) => arena);
  const side = (name: Side, { rowCount, pinned, blockStarts }: SideShape): PartedSide => ({
    rowCount,
    ...(pinned !== undefined && { pinned }),
    blockStarts,
    parts: parts[name],
  });
  return {
    layout: {
      ...{ ...common, id, user: side('user', user), item: side('item', item) },
      ...(gpu && { gpu }),
    },
    ...{ arenas, ratings, heldOut, settings },
    // Events of the run hold the job, but its memory goes with the run.
    release() {
      for (const list of [parts.user, parts.item, arenas]) list.length = 0;
    },
  };
}

function layoutOf({ arena: _, ...part }: OwnedPart): PartLayout {
  return part;
}

/** A part in numbers: the blocks' rows, and copies of the rows that they need. */
export function shapeOfPart(
  input: PartedInput,
  side: Side,
  { firstBlock, endBlock }: BlockRange,
  needed: number,
): JobShape {
  const { ratings, heldOut, shape } = input;
  const whole = shape[side];
  const [first, end] = [whole.blockStarts[firstBlock]!, whole.blockStarts[endBlock]!];
  const entriesOf = ({ offsets }: RowLengths) => offsets[end]! - offsets[first]!;
  const own: SideShape = {
    ...whole,
    rowCount: end - first,
    blockStarts: whole.blockStarts.map((row) => Math.min(Math.max(row, first), end) - first),
    entries: entriesOf(rowsOf<RowLengths>(ratings, side)),
    ...(heldOut && isMeasured(input, side) && { heldOutEntries: entriesOf(rowsOf(heldOut, side)) }),
  };
  const { rowCount: copiedFrom, pinned } = shape[opposite(side)];
  const copies: SideShape = {
    ...{ rowCount: needed, copiedFrom, blockStarts: [0, needed], entries: 0 },
    ...(pinned !== undefined && { pinned }),
  };
  return { ...shape, ...bySide(side, own, copies) };
}

function bySide<Of>(side: Side, own: Of, other: Of): Record<Side, Of> {
  // The two sides are all there are.
  return { [side]: own, [opposite(side)]: other } as Record<Side, Of>;
}
