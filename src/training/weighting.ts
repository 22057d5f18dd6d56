import type { Weighting } from '../kernels/job-layout.js';

/** What a cell weighs with these options around `offset`, the mean μ of the ratings or 0. */
export function weightingOf(
  { feedback, alpha, unobservedWeight, objective }: Omit<Weighting, 'offset'>,
  offset: number,
): Weighting {
  return { feedback, alpha, unobservedWeight, objective, offset };
}
