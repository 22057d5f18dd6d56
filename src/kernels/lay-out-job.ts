import { type Arena, alignedBytes, RegionGroup } from '../arena.js';
import type { RowFile } from '../row-file.js';
import type {
  JobLayout,
  JobRegions,
  JobSettings,
  RatedJob,
  RatedSide,
  SideLayout,
  SideRatings,
  SideRegions,
  SparseLayout,
} from './job-layout.js';
import type { KernelTraits } from './kernel.js';

/** A job in numbers: all that it is laid out by, and nothing of where. Plain JSON. */
export interface JobShape extends JobSettings {
  readonly user: SideShape;
  readonly item: SideShape;
}

/** One side of a job in numbers. */
export interface SideShape
  extends Pick<SideLayout, 'rowCount' | 'copiedFrom' | 'pinned' | 'blockStarts'> {
  /** Number of ratings. */
  readonly entries: number;
  /** Number of withheld ratings, if there are any to validate against. */
  readonly heldOutEntries?: number;
}

/** As much of a shape as its memory follows from. */
export type SizedShape = Pick<JobShape, 'elementBytes' | 'stride' | 'user' | 'item'>;

/** A layout without scratch memory: how much a job needs depends on the lengths of its rows. */
export type LayoutDraft = Omit<JobLayout, 'scratch'>;

/** Where the ratings of both sides lie. */
export interface RatingsLayout {
  readonly user: SideRatings;
  readonly item: SideRatings;
}

/** What a job is laid out with besides its shape. */
export interface LayoutInput {
  readonly id: string;
  /** The kernel that `shape` names: it knows how much scratch memory a task needs. */
  readonly kernel: Pick<KernelTraits, 'scratchBytes'>;
  /** Where the ratings lie in the arena, at least the rows' lengths. */
  readonly ratings: RatingsLayout;
  /** How many tasks run at the same time at most, ≥ 1. */
  readonly slots: number;
  /** Where the factor rows lie if not in the arena: a file of `bytesOfRows`. */
  readonly rowFile?: RowFile | undefined;
}

/**
 * Lays a job out in the arena that holds its ratings:
 *
 *     λ of rows | factors, generations 0 and 1 | … of the other side | Gram matrices | stop flag | scratch
 *
 * All of it is zero.
 *
 * Throws `MemoryLimitError`, with the bytes in all, if the job does not fit; nothing stays allocated
 * then.
 *
 * @returns the layout, and what gives the job's memory back to the arena; the ratings stay
 */
export function layOutJob(
  shape: JobShape,
  arena: Arena,
  { id, kernel, ratings, slots, rowFile }: LayoutInput,
): { readonly layout: JobLayout; readonly release: () => void } {
  const slotBytes = slotBytesOf(kernel, {
    ...shape,
    memory: arena.memory,
    user: { ...shape.user, ...ratings.user },
    item: { ...shape.item, ...ratings.item },
  });
  const rowBytes = rowFile ? bytesOfRows(shape) : 0;
  arena.require(bytesOfJob(shape) - rowBytes + slots * slotBytes);
  const regions = new RegionGroup(arena);
  try {
    const draft = draftIn(regions, shape, id, ratings, rowFile);
    const scratch = { offset: regions.allocate(slots * slotBytes), slotBytes, slots };
    return { layout: { ...draft, scratch }, release: () => regions.release() };
  } catch (error) {
    regions.release();
    throw error;
  }
}

/**
 * Lays a job out in an arena of its own before its ratings are there, and makes room for them. What
 * is never written costs addresses but no memory. `withScratch` completes it.
 *
 * Throws `MemoryLimitError`.
 */
export function draftJob(shape: JobShape, arena: Arena, id: string): LayoutDraft {
  const regions = new RegionGroup(arena);
  const ratings = allocateIn(regions, {
    user: ratingsOfSide(shape.user),
    item: ratingsOfSide(shape.item),
  });
  return draftIn(regions, shape, id, ratings);
}

/**
 * A draft with scratch memory for `slots` tasks at a time, once the rows' lengths are there.
 * Throws `MemoryLimitError`.
 */
export function withScratch(
  draft: LayoutDraft,
  arena: Arena,
  { kernel, slots }: Pick<LayoutInput, 'kernel' | 'slots'>,
): JobLayout {
  const slotBytes = slotBytesOf(kernel, draft);
  const offset = arena.allocate(slots * slotBytes);
  return { ...draft, scratch: { offset, slotBytes, slots } };
}

/** Bytes that a job takes of an arena beside its ratings and its scratch memory. */
export function bytesOfJob(shape: SizedShape): number {
  return totalBytes(regionsOf(shape));
}

/** Bytes of both generations of a job's rows. */
export function bytesOfRows(shape: SizedShape): number {
  return rowRegionsOf(shape).end;
}

/** Where the rows of both sides begin in a file of their own, and where they end. */
function rowRegionsOf(shape: SizedShape) {
  const { user, item } = regionsOf(shape);
  const ends: number[] = [];
  for (const bytes of [...user.factors, ...item.factors]) ends.push((ends.at(-1) ?? 0) + bytes);
  const [user1, item0, item1, end] = ends as [number, number, number, number];
  return { user: [0, user1], item: [item0, item1], end } as const;
}

/** Bytes that the ratings of one side take of an arena. */
export function bytesOfRatings(side: SideShape): number {
  return totalBytes(ratingsOfSide(side));
}

/** How a kernel lays out rows of `rank` coordinates. */
export function rowFormat(
  { name, elementBytes, lanes }: KernelTraits,
  rank: number,
): Pick<JobSettings, 'kernel' | 'elementBytes' | 'rank' | 'stride'> {
  return { kernel: name, elementBytes, rank, stride: Math.ceil(rank / lanes) * lanes };
}

/** The shape of a job whose ratings' lengths are in its memory. */
export function shapeOf(job: RatedJob): JobShape {
  const { kernel, elementBytes, rank, stride, solver, cgSteps, overrelaxedAfter, subspaceSize } =
    job;
  const { weighting, nonnegative, phaseOrder, source } = job;
  return {
    ...{ kernel, elementBytes, rank, stride, solver, cgSteps, overrelaxedAfter, subspaceSize },
    ...{ weighting, nonnegative, phaseOrder },
    ...(source && { source }),
    user: shapeOfSide(job, job.user),
    item: shapeOfSide(job, job.item),
  };
}

function shapeOfSide({ memory }: RatedJob, side: RatedSide): SideShape {
  const { rowCount, pinned, blockStarts, ratings, heldOut } = side;
  const count = ({ offsets }: SparseLayout) =>
    new Uint32Array(memory.buffer, offsets, rowCount + 1)[rowCount]!;
  return {
    rowCount,
    ...(pinned !== undefined && { pinned }),
    blockStarts,
    entries: count(ratings),
    ...(heldOut && { heldOutEntries: count(heldOut) }),
  };
}

/**
 * The size in bytes of every region of a job, in the order in which they lie. A new region is a line
 * here and a field of `JobRegions`.
 */
function regionsOf(shape: SizedShape): JobRegions {
  const { elementBytes, stride, user, item } = shape;
  const squareBytes = stride * stride * elementBytes;
  const blockCount = Math.max(user.blockStarts.length, item.blockStarts.length) - 1;
  const ofSide = ({ rowCount, copiedFrom }: SideShape): SideRegions => {
    const factorBytes = rowCount * stride * elementBytes;
    if (copiedFrom !== undefined) return { regularizers: 0, factors: [factorBytes, 0] };
    return { regularizers: rowCount * elementBytes, factors: [factorBytes, factorBytes] };
  };
  return {
    user: ofSide(user),
    item: ofSide(item),
    gram: squareBytes,
    blockGrams: blockCount * squareBytes,
    stopFlag: Int32Array.BYTES_PER_ELEMENT,
  };
}

/** The sizes in bytes of the regions that a side's ratings lie in. */
function ratingsOfSide({ rowCount, entries, heldOutEntries }: SideShape): SideRatings {
  const sparse = (count: number) => ({
    offsets: (rowCount + 1) * 4,
    columns: count * 4,
    ratings: count * 4,
  });
  return {
    ratings: sparse(entries),
    ...(heldOutEntries !== undefined && { heldOut: sparse(heldOutEntries) }),
  };
}

function draftIn(
  group: RegionGroup,
  { user, item, ...settings }: JobShape,
  id: string,
  ratings: RatingsLayout,
  rowFile?: RowFile,
): LayoutDraft {
  const sizes = regionsOf({ ...settings, user, item });
  const inFile = rowFile && rowRegionsOf({ ...settings, user, item });
  const none = { factors: [0, 0] } as const;
  const regions = allocateIn(
    group,
    rowFile
      ? { ...sizes, user: { ...sizes.user, ...none }, item: { ...sizes.item, ...none } }
      : sizes,
  );
  const side = (
    name: 'user' | 'item',
    { rowCount, copiedFrom, pinned, blockStarts }: SideShape,
  ): SideLayout => {
    const { regularizers } = regions[name];
    const factors = inFile?.[name] ?? regions[name].factors;
    return {
      rowCount,
      ...(pinned !== undefined && { pinned }),
      blockStarts,
      ...ratings[name],
      regularizers,
      ...(copiedFrom === undefined
        ? { factors }
        : { copiedFrom, factors: [factors[0], factors[0]] }),
    };
  };
  return {
    ...settings,
    id,
    memory: group.memory,
    ...regions,
    ...(rowFile && { rowFile }),
    user: side('user', user),
    item: side('item', item),
  };
}

/** Offsets of new regions of these sizes. */
function allocateIn<Regions>(group: RegionGroup, sizes: Regions): Regions {
  return mapRegions(sizes, (bytes) => group.allocate(bytes));
}

/** Bytes of an arena that regions of these sizes take together. */
function totalBytes<Regions>(sizes: Regions): number {
  let bytes = 0;
  mapRegions(sizes, (region) => {
    bytes += Math.max(alignedBytes(region), alignedBytes(1));
    return 0;
  });
  return bytes;
}

/** The same objects and lists with every number changed. */
function mapRegions<Regions>(regions: Regions, change: (region: number) => number): Regions {
  if (typeof regions === 'number') return change(regions) as Regions;
  if (Array.isArray(regions)) return regions.map((each) => mapRegions(each, change)) as Regions;
  const entries = Object.entries(regions as object);
  return Object.fromEntries(
    entries.map(([name, each]) => [name, mapRegions(each, change)]),
  ) as Regions;
}

/** Bytes of scratch memory of a slot. */
export function slotBytesOf(kernel: Pick<KernelTraits, 'scratchBytes'>, job: RatedJob): number {
  return alignedBytes(kernel.scratchBytes(job));
}
