/** The middle one of the numbers, or the mean of the two in the middle. NaN if there are none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle)
    ? (sorted[middle - 1]! + sorted[middle]!) / 2
    : sorted[Math.floor(middle)]!;
}

/** A ratio measured in pairs: each pair ran side by side, so a slow spell slows both. */
export interface PairedRatio {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
  /** A quarter of the pairs lie below, and a quarter above. */
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
}

/** numerators[n] / denominators[n] over all n, the pairs. */
export function pairedRatio(
  numerators: readonly number[],
  denominators: readonly number[],
): PairedRatio {
  const ratios = numerators
    .map((numerator, pair) => numerator / denominators[pair]!)
    .sort((a, b) => a - b);
  const half = ratios.length / 2;
  return {
    median: median(ratios),
    lowest: ratios[0]!,
    highest: ratios.at(-1)!,
    lowerQuartile: median(ratios.slice(0, Math.ceil(half))),
    upperQuartile: median(ratios.slice(Math.floor(half))),
  };
}

/** The variants in the order of a round: there in even rounds, and back in odd ones. */
export function orderOf<Variant>(variants: readonly Variant[], round: number): readonly Variant[] {
  return round % 2 === 0 ? variants : variants.toReversed();
}

/** The variants in the order of a round, so that each comes in every place and after every other. */
export function rotationOf<Variant>(
  variants: readonly Variant[],
  round: number,
): readonly Variant[] {
  const first = Math.floor(round / 2) % variants.length;
  return orderOf([...variants.slice(first), ...variants.slice(0, first)], round);
}

/** Median seconds of the iterations after the warm-up; the average of those that give no more. */
export function secondsAfter(seconds: readonly number[], warmUp: number): number {
  return median(seconds.length > warmUp ? seconds.slice(warmUp) : seconds);
}
