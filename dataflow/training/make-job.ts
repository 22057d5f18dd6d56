import type { Placement } from '../../actors/placements/placement.js';
import { InvalidOptionError } from '../../src/errors.js';
import type { KernelTraits } from '../../src/kernels/kernel.js';
import { isDescribed } from '../../src/ratings/described-ratings.js';
import { createJob, type Job, type JobInput } from '../../src/training/job.js';
import { createFittingJob } from '../../src/training/parts/create-parted-job.js';
import { createSpreadJob } from '../../src/training/parts/create-spread-job.js';
import { readPartedJob } from '../../src/training/parts/read-parted-job.js';
import { type TrainingInput, validationOf } from './training-input.js';

/**
 * The job of a run, in one memory or in parts as its first place takes it. Where that is this machine,
 * ratings that are only described are read now.
 *
 * Rejects with what `createJob` throws, with what reading throws, and with the signal's reason.
 */
export async function makeJob(
  input: TrainingInput,
  placement: Placement,
  kernel: KernelTraits,
  signal: AbortSignal,
): Promise<Job> {
  const { ratings, settings, control } = input;
  const heldOut = validationOf(input);
  const { slots, partBytes } = placement;
  const wanted: JobInput = {
    ...{ ratings, settings, kernel, gpu: control.gpu, slots },
    ...(heldOut && { heldOut }),
  };
  if (placement.openSpread !== undefined || placement.openParts === undefined) {
    refuseWithheld(ratings);
  }
  if (placement.openSpread !== undefined) return createSpreadJob(wanted, partBytes);
  if (placement.openParts === undefined) return createJob(wanted);
  if (!isDescribed(ratings)) return createFittingJob(wanted, partBytes);

  return readPartedJob({ ...wanted, ratings }, partBytes, signal);
}

/** Workers read all that was described. */
function refuseWithheld(ratings: TrainingInput['ratings']): void {
  if (!isDescribed(ratings) || !ratings.described.isPart) return;
  throw new InvalidOptionError(
    'placement',
    "found one whose workers read the ratings, and ratings with readBy: 'workers' of which some are " +
      'withheld; expected threads() or inProcess(); try a condition (where) that leaves them out, without holdout',
  );
}
