import type { ResolvedJobOptions } from './options.js';

/**
 * What a row's squared length costs: λ·n^ν, with `ials` λ·(n + α₀·N)^ν.
 *
 * @param count n, how many ratings the row has
 * @param columnCount N, how many rows the other side has
 */
export function regularizerOf(
  options: Pick<
    ResolvedJobOptions,
    'regularization' | 'regularizationExponent' | 'objective' | 'unobservedWeight'
  >,
  count: number,
  columnCount: number,
): number {
  const { regularization, regularizationExponent, objective, unobservedWeight } = options;
  const background = objective === 'ials' ? unobservedWeight * columnCount : 0;
  return regularization * (count + background) ** regularizationExponent;
}
