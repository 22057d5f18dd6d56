import type { Arena } from '../arena.js';
import { InvalidOptionError, InvalidRatingError, TooFewRatingsError } from '../errors.js';
import type { GpuOptions } from '../kernels/gpu/device/gpu-options.js';
import type { JobLayout, KernelTraits, SideLayout, SparseLayout } from '../kernels/kernel.js';
import { partitionByWork } from '../ratings/blocks.js';
import { type DescribedRatings, isDescribed } from '../ratings/described-ratings.js';
import { type Ratings, rowsOf, type Side } from '../ratings/ratings.js';
import { entryCount, type RowLengths, type SparseRows } from '../ratings/sparse-rows.js';
import { timesIn } from '../ratings/times-detector.js';
import { coordinateCount, pinnedCoordinate } from './biased-rows.js';
import { fillJob } from './fill-job.js';
import type { InitialFactors, ResolvedJobOptions } from './options.js';
import { weightingOf } from './weighting.js';

/** A training run's data in shared memory. Its owner calls `release` when no task runs any more. */
export interface Job {
  readonly layout: JobLayout;
  readonly ratings: Ratings | DescribedRatings;
  readonly heldOut: Ratings | undefined;
  readonly options: ResolvedJobOptions;
  readonly elementBytes: 4 | 8;
  /** Gives the job's memory back to the ratings' arena. */
  release(): void;
}

export interface JobInput {
  readonly ratings: Ratings | DescribedRatings;
  /** Ratings to validate against; same rows and arena as `ratings`. */
  readonly heldOut?: Ratings;
  readonly options: ResolvedJobOptions;
  readonly kernel: KernelTraits;
  /** Which GPU, for a kernel of a device. */
  readonly gpu?: GpuOptions | undefined;
  /** How many tasks run at the same time at most, ≥ 1. */
  readonly slots: number;
  /** Default users, then items. */
  readonly phaseOrder?: readonly [Side, Side];
}

let jobCount = 0;

/**
 * Lays a job out in the arena of its ratings and fills in starting factors.
 *
 * Throws `TooFewRatingsError`, `InvalidRatingError` or `InvalidOptionError` for input that cannot be
 * trained on, `MemoryLimitError` (with the bytes in all) if the job does not fit; nothing stays
 * allocated then.
 */
export function createJob(input: JobInput): Job {
  checkInput(input);
  const { ratings, heldOut, options, kernel, gpu, slots } = input;
  const rank = coordinateCount(options);
  const phaseOrder = input.phaseOrder ?? (['user', 'item'] as const);
  const stride = Math.ceil(rank / kernel.lanes) * kernel.lanes;
  const squareBytes = stride * stride * kernel.elementBytes;
  const starts = {
    user: partitionByWork(ratings.byUser, rank, options.blocks),
    item: partitionByWork(ratings.byItem, rank, options.blocks),
  };
  const weighting = weightingOf(options, options.globalMean ? meanOf(ratings) : 0);
  const blockCount = Math.max(starts.user.length, starts.item.length) - 1;

  const claim = new Claim(ratings.arena);
  const side = (side: Side): SideLayout => {
    const rows = rowsOf<RowLengths>(ratings, side);
    const factorBytes = rows.rowCount * stride * kernel.elementBytes;
    return {
      rowCount: rows.rowCount,
      ...(options.biases && { pinned: pinnedCoordinate(side, options.rank) }),
      ratings: isDescribed(ratings) ? lengthsLayout(rows) : sparseLayout(rowsOf(ratings, side)),
      ...(heldOut && { heldOut: sparseLayout(rowsOf(heldOut, side)) }),
      regularizers: claim.bytes(rows.rowCount * kernel.elementBytes),
      factors: [claim.bytes(factorBytes), claim.bytes(factorBytes)],
      blockStarts: starts[side],
    };
  };
  const draft = (): Omit<JobLayout, 'scratch'> => ({
    id: `job-${jobCount}`,
    memory: ratings.arena.memory,
    kernel: kernel.name,
    ...(gpu && { gpu }),
    rank,
    stride,
    solver: options.solver,
    cgSteps: options.cgSteps,
    subspaceSize: options.subspaceSize,
    weighting,
    nonnegative: options.nonnegative,
    phaseOrder,
    user: side('user'),
    item: side('item'),
    gram: claim.bytes(squareBytes),
    blockGrams: claim.bytes(blockCount * squareBytes),
    stopFlag: claim.bytes(4),
    ...(isDescribed(ratings) && { source: ratings.described.source }),
  });
  // Twice: first to know how much it takes, so that a refusal names the whole sum.
  const slotBytes = align(kernel.scratchBytes(draft()));
  ratings.arena.require(claim.claimedBytes + slots * slotBytes);
  claim.begin();
  jobCount++;
  try {
    const layout: JobLayout = {
      ...draft(),
      scratch: { offset: claim.bytes(slots * slotBytes), slotBytes, slots },
    };
    fillJob(layout, ratings, options, kernel);
    const { elementBytes } = kernel;
    return { layout, ratings, heldOut, options, elementBytes, release: () => claim.release() };
  } catch (error) {
    claim.release();
    throw error;
  }
}

/** Counts bytes until `begin`, then allocates them; remembers what to release. */
class Claim {
  readonly #arena: Arena;
  #regions: number[] | undefined;
  claimedBytes = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  begin(): void {
    this.#regions = [];
  }

  bytes(count: number): number {
    this.claimedBytes += align(count);
    if (this.#regions === undefined) return 0;
    const offset = this.#arena.allocate(count);
    this.#regions.push(offset);
    return offset;
  }

  release(): void {
    for (const offset of this.#regions ?? []) this.#arena.release(offset);
    this.#regions = [];
  }
}

function align(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

/** Where the arrays of rows in an arena lie. */
export function sparseLayout(rows: SparseRows): SparseLayout {
  return {
    offsets: rows.offsets.byteOffset,
    columns: rows.columns.byteOffset,
    ratings: rows.ratings.byteOffset,
  };
}

function lengthsLayout({ offsets }: RowLengths): SparseLayout {
  return { offsets: offsets.byteOffset, columns: 0, ratings: 0 };
}

function meanOf(ratings: Ratings | DescribedRatings): number {
  if (isDescribed(ratings)) return ratings.described.mean;
  let sum = 0;
  for (const rating of ratings.byUser.ratings) sum += rating;
  return sum / entryCount(ratings.byUser);
}

function firstNegative(ratings: Ratings | DescribedRatings): number | undefined {
  if (isDescribed(ratings)) return ratings.described.negative;
  return ratings.byUser.ratings.find((rating) => rating < 0);
}

function checkInput({ ratings, options }: JobInput): void {
  const { byUser, byItem } = ratings;
  if (entryCount(byUser) === 0 || byUser.rowCount < 2 || byItem.rowCount < 2) {
    throw new TooFewRatingsError(byUser.rowCount, byItem.rowCount, entryCount(byUser));
  }
  if (options.feedback === 'implicit') {
    const negative = firstNegative(ratings);
    if (negative !== undefined) {
      throw new InvalidRatingError(
        `a negative rating ${negative}`,
        'ratings ≥ 0 with implicit feedback',
        "filter them out, or train with feedback: 'explicit'",
      );
    }
  }
  checkTimes(ratings);
  for (const side of ['user', 'item'] as const) {
    const { rowCount } = rowsOf<RowLengths>(ratings, side);
    checkLength(options, `${side}Factors`, rowCount * options.rank, `${side}s × rank`);
    checkLength(options, `${side}Biases`, rowCount, `${side}s`);
  }
}

/** Refuses ratings that are times: the column of times was read as one of ratings. */
function checkTimes(ratings: Ratings | DescribedRatings): void {
  const times = isDescribed(ratings) ? ratings.described.times : timesIn(ratings.byUser.ratings);
  if (times === undefined) return;
  const { least, most, unit } = times;
  throw new InvalidRatingError(
    `ratings from ${least} to ${most}, which are ${unit} since 1970: is this a time?`,
    'how much or how often, as 1 to 5 or a count',
    "try timestamp: 'that column', with another column as rating or none; if these are ratings " +
      'after all, divide all of them by 1e6',
  );
}

function checkLength(
  { initialFactors }: ResolvedJobOptions,
  name: keyof InitialFactors,
  wanted: number,
  shape: string,
): void {
  const found = initialFactors?.[name]?.length ?? wanted;
  if (found === wanted) return;
  throw new InvalidOptionError(
    `initialFactors.${name}`,
    `found ${found} elements in initialFactors.${name}; expected ${wanted} (${shape})`,
  );
}
