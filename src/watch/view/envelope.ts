/** Points of lines that share their x; undefined and null are gaps. */
export interface Points {
  readonly xs: readonly number[];
  readonly ys: readonly (readonly (number | null | undefined)[])[];
}

/**
 * At most `2 · buckets` points that draw the same picture: of every bucket of neighbours the least
 * and the greatest value of each line, in their order. So a spike of one point stays, whatever the
 * count of points. Fewer points come back as they are.
 *
 * @param buckets columns of pixels, ≥ 1
 */
export function envelope({ xs, ys }: Points, buckets: number): Points {
  const count = xs.length;
  if (count <= 2 * buckets) return { xs, ys };
  const edges = Array.from({ length: buckets + 1 }, (_, at) => Math.floor((at * count) / buckets));
  const picked = (at: number) => [xs[edges[at]!]!, xs[edges[at + 1]! - 1]!];
  return {
    xs: edges.slice(0, -1).flatMap((_, at) => picked(at)),
    ys: ys.map((values) =>
      edges.slice(0, -1).flatMap((from, at) => extremes(values, from, edges[at + 1]!)),
    ),
  };
}

/** The least and the greatest value, the earlier one first; null where there is none. */
function extremes(
  values: readonly (number | null | undefined)[],
  from: number,
  end: number,
): (number | null)[] {
  let [least, greatest] = [-1, -1];
  for (let at = from; at < end; at++) {
    const value = values[at];
    if (value === null || value === undefined) continue;
    if (least < 0 || value < values[least]!) least = at;
    if (greatest < 0 || value > values[greatest]!) greatest = at;
  }
  if (least < 0) return [null, null];
  return [values[Math.min(least, greatest)]!, values[Math.max(least, greatest)]!];
}

/** The best value up to each point: the greatest, or the least. */
export function bestSoFar(
  values: readonly (number | null | undefined)[],
  isHigherBetter: boolean,
): (number | null)[] {
  let best: number | null = null;
  return values.map((value) => {
    if (value === null || value === undefined) return best;
    if (best === null || (isHigherBetter ? value > best : value < best)) best = value;
    return best;
  });
}
