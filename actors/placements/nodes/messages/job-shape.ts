import type { Arena } from '../../../../src/arena.js';
import { traitsOf } from '../../../../src/kernels/choose-kernel.js';
import type { JobLayout, SideLayout, SparseLayout } from '../../../../src/kernels/kernel.js';
import type { Side } from '../../../../src/ratings/ratings.js';

/** A job's layout without its addresses: what a node must know to lay the same job out. Plain JSON. */
export interface JobShape
  extends Pick<
    JobLayout,
    | 'kernel'
    | 'rank'
    | 'stride'
    | 'solver'
    | 'cgSteps'
    | 'subspaceSize'
    | 'weighting'
    | 'nonnegative'
    | 'phaseOrder'
    | 'source'
  > {
  readonly user: SideShape;
  readonly item: SideShape;
}

/** One side of a job in numbers. */
export interface SideShape extends Pick<SideLayout, 'rowCount' | 'pinned' | 'blockStarts'> {
  /** Number of ratings. */
  readonly entries: number;
  /** Number of withheld ratings, if there are any to validate against. */
  readonly heldOutEntries?: number;
}

/** A layout whose scratch memory is still to be found: how much depends on the rows' lengths. */
export type LayoutDraft = Omit<JobLayout, 'scratch'>;

/** The shape of a job. */
export function shapeOf(job: JobLayout): JobShape {
  const { kernel, rank, stride, solver, cgSteps, subspaceSize } = job;
  const { weighting, nonnegative, phaseOrder, source } = job;
  return {
    ...{ kernel, rank, stride, solver, cgSteps, subspaceSize },
    ...{ weighting, nonnegative, phaseOrder },
    ...(source && { source }),
    user: sideShape(job, 'user'),
    item: sideShape(job, 'item'),
  };
}

function sideShape(job: JobLayout, side: Side): SideShape {
  const { rowCount, pinned, blockStarts, ratings, heldOut } = job[side];
  const count = ({ offsets }: SparseLayout) =>
    new Uint32Array(job.memory.buffer, offsets, rowCount + 1)[rowCount]!;
  return {
    rowCount,
    ...(pinned !== undefined && { pinned }),
    blockStarts,
    entries: count(ratings),
    ...(heldOut && { heldOutEntries: count(heldOut) }),
  };
}

/**
 * Lays a job out in a node's own memory, whole, so that kernels and tasks are what they are on one
 * machine. What the node's blocks do not need is never written, and costs addresses but no memory.
 *
 * Throws `MemoryLimitError`.
 */
export function layOutShape(shape: JobShape, id: string, arena: Arena): LayoutDraft {
  const { user, item, ...settings } = shape;
  const { elementBytes } = traitsOf(shape.kernel);
  const squareBytes = shape.stride ** 2 * elementBytes;
  const blockCount = Math.max(user.blockStarts.length, item.blockStarts.length) - 1;
  const sparse = (rowCount: number, entries: number): SparseLayout => ({
    offsets: arena.allocate((rowCount + 1) * 4),
    columns: arena.allocate(entries * 4),
    ratings: arena.allocate(entries * 4),
  });
  const side = ({ rowCount, pinned, blockStarts, entries, heldOutEntries }: SideShape) => {
    const factorBytes = rowCount * shape.stride * elementBytes;
    return {
      rowCount,
      ...(pinned !== undefined && { pinned }),
      blockStarts,
      ratings: sparse(rowCount, entries),
      ...(heldOutEntries !== undefined && { heldOut: sparse(rowCount, heldOutEntries) }),
      regularizers: arena.allocate(rowCount * elementBytes),
      factors: [arena.allocate(factorBytes), arena.allocate(factorBytes)] as const,
    };
  };
  return {
    ...settings,
    id,
    memory: arena.memory,
    user: side(user),
    item: side(item),
    gram: arena.allocate(squareBytes),
    blockGrams: arena.allocate(blockCount * squareBytes),
    stopFlag: arena.allocate(4),
  };
}

/** A draft with scratch memory for `slots` tasks at a time, once the rows' lengths are there. */
export function withScratch(draft: LayoutDraft, arena: Arena, slots: number): JobLayout {
  const slotBytes = Math.ceil(traitsOf(draft.kernel).scratchBytes(draft) / 64) * 64;
  const offset = arena.allocate(slots * slotBytes);
  return { ...draft, scratch: { offset, slotBytes, slots } };
}
