import type { Arena } from '../arena.js';
import { InvalidOptionError, InvalidRatingError, TooFewRatingsError } from '../errors.js';
import type { GpuOptions, JobLayout, SideRatings } from '../kernels/job-layout.js';
import type { KernelTraits } from '../kernels/kernel.js';
import {
  bytesOfRatings,
  type JobShape,
  layOutJob,
  rowFormat,
  type SideShape,
} from '../kernels/lay-out-job.js';
import type { PartedLayout } from '../kernels/parts/parted-layout.js';
import { lengthsLayout, sparseLayout } from '../kernels/ratings-layout.js';
import { isCpuKernel } from '../kernels/select/choose-kernel.js';
import { partitionByWork } from '../ratings/blocks.js';
import { type DescribedRatings, isDescribed } from '../ratings/described-ratings.js';
import { type Ratings, rowsOf, type Side } from '../ratings/ratings.js';
import { entryCount, type RowLengths } from '../ratings/sparse-rows.js';
import { refuseTimes, timesIn } from '../ratings/times-detector.js';
import type { RowFile } from '../row-file.js';
import { coordinateCount, pinnedCoordinate } from './biased-rows.js';
import { meanRatingOf } from './choose-settings.js';
import { fillJob } from './fill-job.js';
import type { InitialFactors } from './options.js';
import type { StartSettings, TrainingSettings } from './training-settings.js';
import { weightingOf } from './weighting.js';

/** A training run's data in shared memory. Its owner calls `release` when no task runs any more. */
export interface Job {
  readonly layout: JobLayout | PartedLayout;
  /** Owners of the memories, in the order of `layoutsOf(layout)`. */
  readonly arenas: readonly Arena[];
  readonly ratings: Ratings | DescribedRatings;
  readonly heldOut: Ratings | undefined;
  readonly settings: TrainingSettings;
  /** Gives the job's memory back to the ratings' arena. */
  release(): void;
}

/** A job in one memory, beside its ratings. */
export interface WholeJob extends Job {
  readonly layout: JobLayout;
}

export interface JobInput {
  readonly ratings: Ratings | DescribedRatings;
  /** Ratings to validate against; same rows and arena as `ratings`. */
  readonly heldOut?: Ratings;
  readonly settings: TrainingSettings;
  readonly kernel: KernelTraits;
  /** Which GPU, for a kernel of a device. */
  readonly gpu?: GpuOptions | undefined;
  /** How many tasks run at the same time at most, ≥ 1. */
  readonly slots: number;
  /** Where the factor rows lie if not in memory: see `JobLayout`. */
  readonly rowFile?: RowFile;
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
export function createJob(input: JobInput): WholeJob {
  checkInput(input);
  return createJobOfShape(input, shapeOfJob(input));
}

/** The same of input that has been checked, and its shape. */
export function createJobOfShape(input: JobInput, shape: JobShape): WholeJob {
  const { ratings, heldOut, settings, kernel, gpu, slots, rowFile } = input;
  // A GPU's node has addresses for all ratings, both ways; others may have parts.
  if (shape.source && !isCpuKernel(kernel.name)) {
    ratings.arena.require(bytesOfRatings(shape.user) + bytesOfRatings(shape.item));
  }
  const { layout, release } = layOutJob(shape, ratings.arena, {
    id: newJobId(),
    kernel,
    ratings: {
      user: ratingsLayoutOf('user', ratings, heldOut),
      item: ratingsLayoutOf('item', ratings, heldOut),
    },
    ...{ slots, rowFile },
  });
  try {
    fillJob(layout, ratings, settings);
  } catch (error) {
    release();
    throw error;
  }
  return {
    layout: { ...layout, ...(gpu && { gpu }) },
    arenas: [ratings.arena],
    ...{ ratings, heldOut, settings, release },
  };
}

/** A name that no other job of this process has. */
export function newJobId(): string {
  return `job-${jobCount++}`;
}

/** A job in numbers. */
export function shapeOfJob({ ratings, heldOut, settings, kernel, phaseOrder }: JobInput): JobShape {
  const { row, loss, blocks } = settings;
  const { overrelaxation, ...solver } = settings.solver;
  // A sketch is as far as an iteration from random factors.
  const overrelaxedAfter = settings.schedule.start === 'sketch' ? 1 : 2;
  const rank = coordinateCount(row);
  const side = (side: Side): SideShape => {
    const rows = rowsOf<RowLengths>(ratings, side);
    return {
      rowCount: rows.rowCount,
      ...(row.biases && { pinned: pinnedCoordinate(side, row.rank) }),
      blockStarts: partitionByWork(rows, rank, blocks),
      entries: entryCount(rows),
      ...(heldOut && { heldOutEntries: entryCount(rowsOf(heldOut, side)) }),
    };
  };
  return {
    ...rowFormat(kernel, rank),
    ...solver,
    ...(overrelaxation && { overrelaxedAfter }),
    weighting: weightingOf(loss, loss.globalMean ? meanRatingOf(ratings) : 0),
    phaseOrder: phaseOrder ?? (['user', 'item'] as const),
    user: side('user'),
    item: side('item'),
    ...(isDescribed(ratings) && { source: ratings.described.source }),
  };
}

/** Where the ratings of a side lie. */
export function ratingsLayoutOf(
  side: Side,
  ratings: Ratings | DescribedRatings,
  heldOut: Ratings | undefined,
): SideRatings {
  return {
    ratings: isDescribed(ratings)
      ? lengthsLayout(rowsOf<RowLengths>(ratings, side))
      : sparseLayout(rowsOf(ratings, side)),
    ...(heldOut && { heldOut: sparseLayout(rowsOf(heldOut, side)) }),
  };
}

function firstNegative(ratings: Ratings | DescribedRatings): number | undefined {
  if (isDescribed(ratings)) return ratings.described.negative;
  const { ratings: all } = ratings.byUser;
  // A pass over all ratings: a callback takes four times as long.
  for (let at = 0; at < all.length; at++) if (all[at]! < 0) return all[at];
  return undefined;
}

/** Throws what `createJob` throws for input that cannot be trained on. */
export function checkInput({ ratings, settings }: JobInput): void {
  const { byUser, byItem } = ratings;
  if (entryCount(byUser) === 0 || byUser.rowCount < 2 || byItem.rowCount < 2) {
    throw new TooFewRatingsError(byUser.rowCount, byItem.rowCount, entryCount(byUser));
  }
  if (settings.loss.feedback === 'implicit') {
    const negative = firstNegative(ratings);
    if (negative !== undefined) {
      throw new InvalidRatingError(
        `a negative rating ${negative}`,
        'ratings ≥ 0 with implicit feedback',
        "filter them out, or train with feedback: 'explicit'",
      );
    }
  }
  // The column of times was read as one of ratings.
  refuseTimes(
    isDescribed(ratings) ? ratings.described.times : timesIn(ratings.byUser.ratings),
    "timestamp: 'that column', with another column as rating or none",
  );
  const { row, start } = settings;
  for (const side of ['user', 'item'] as const) {
    const { rowCount } = rowsOf<RowLengths>(ratings, side);
    checkLength(start, `${side}Factors`, rowCount * row.rank, `${side}s × rank`);
    checkLength(start, `${side}Biases`, rowCount, `${side}s`);
  }
}

function checkLength(
  { initialFactors }: StartSettings,
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
