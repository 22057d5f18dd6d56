/**
 * Heights for labels beside the ends of lines on a logarithmic axis: each near its line, none nearer
 * to another than `gap`, a difference of natural logarithms.
 */
export function spreadLabels<Point extends { readonly seconds: number }>(
  points: readonly Point[],
  gap: number,
): (Point & { readonly labelAt: number })[] {
  const sorted = [...points].sort((a, b) => a.seconds - b.seconds);
  const heights = sorted.map(({ seconds }) => Math.log(seconds));
  // Pairs that are too near move apart, half each; a few dozen labels settle long before.
  for (let pass = 0; pass < 100; pass++) {
    for (let n = 1; n < heights.length; n++) {
      const missing = gap - (heights[n]! - heights[n - 1]!);
      if (missing <= 0) continue;
      heights[n - 1]! -= missing / 2;
      heights[n]! += missing / 2;
    }
  }
  return sorted.map((point, n) => ({ ...point, labelAt: Math.exp(heights[n]!) }));
}
