import { isDescribed } from '../ratings/described-ratings.js';
import { largestOf } from '../ratings/largest-of.js';
import type { Job } from './job.js';
import type { ResolvedJobOptions } from './options.js';

/** What a solve depends on, of options and ratings. */
export interface Extremes
  extends Pick<ResolvedJobOptions, 'feedback' | 'alpha' | 'regularization' | 'unobservedWeight'> {
  /** Absent for rows that are solved without training. */
  readonly kernel?: ResolvedJobOptions['kernel'];
  /** The largest rating, by its absolute value. */
  readonly largestRating: number;
}

/** Numbers beyond this size are rarely meant. */
const large = 1e6;

/** A regularization below this hardly regularizes in float32. */
const small = 1e-6;

/** What a job depends on. Reads all ratings. */
export function extremesOf({ ratings, settings }: Job): Extremes {
  const largestRating = isDescribed(ratings)
    ? ratings.described.largest
    : largestOf(ratings.byUser.ratings);
  return { ...settings.loss, kernel: settings.kernel, largestRating };
}

/** Why a solve may have broken down, and what to try, the likeliest first; at least one. */
export function likelyCauses({
  feedback,
  alpha,
  regularization,
  unobservedWeight,
  kernel,
  largestRating,
}: Extremes): string[] {
  const causes: string[] = [];
  const weight = alpha * largestRating;
  if (largestRating > large) {
    causes.push(`ratings reach ${short(largestRating)}: is this a time? try to divide them`);
  }
  if (feedback === 'implicit' && weight > large) {
    causes.push(`alpha·rating reaches ${short(weight)}: try a smaller alpha`);
  }
  if (regularization < small) {
    causes.push(`regularization is ${short(regularization)}: try 0.01`);
  }
  if (regularization > large) {
    causes.push(`regularization is ${short(regularization)}: try a smaller one`);
  }
  if (unobservedWeight > large) {
    causes.push(`unobservedWeight is ${short(unobservedWeight)}: try a smaller one`);
  }
  if (largestRating > 0 && (feedback === 'explicit' ? largestRating : weight) < 1 / large) {
    causes.push(`ratings reach ${short(largestRating)} only: try to multiply them`);
  }
  if (causes.length === 0) causes.push('try a larger regularization, or smaller starting factors');
  if (kernel !== undefined && kernel !== 'reference')
    causes.push("or kernel: 'reference', which is float64 and slow");
  return causes;
}

function short(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}
