/**
 * Metrics of one user's result list at cutoff k, as the iALS papers define them (Rendle, Krichene,
 * Zhang, Koren, "Revisiting the Performance of iALS on Item Recommendation Benchmarks", 2022):
 * relevance is binary, and what k results could reach at best counts as 1.
 *
 * `hits[i]` says whether the result at rank i (0 is best) is relevant; at most k long, and shorter
 * when fewer candidates were left. `relevantCount` is the number of relevant items, ≥ 1.
 */
export type Hits = readonly boolean[];

/** Relevant results over min(k, relevantCount). */
export function recallAtK(hits: Hits, relevantCount: number, k: number): number {
  return hitCount(hits) / Math.min(k, relevantCount);
}

/** Relevant results over k, also when the list is shorter. */
export function precisionAtK(hits: Hits, k: number): number {
  return hitCount(hits) / k;
}

/** Σ 1 / log2(i + 2) over the ranks i of hits, over the same sum for the first min(k, relevantCount). */
export function ndcgAtK(hits: Hits, relevantCount: number, k: number): number {
  let gain = 0;
  for (const [i, isHit] of hits.entries()) if (isHit) gain += discount(i);
  let ideal = 0;
  for (let i = 0; i < Math.min(k, relevantCount); i++) ideal += discount(i);
  return gain / ideal;
}

/** Σ precision at the rank of every hit, over min(k, relevantCount). */
export function averagePrecisionAtK(hits: Hits, relevantCount: number, k: number): number {
  let found = 0;
  let sum = 0;
  for (const [i, isHit] of hits.entries()) {
    if (isHit) sum += ++found / (i + 1);
  }
  return sum / Math.min(k, relevantCount);
}

function discount(rank: number): number {
  return 1 / Math.log2(rank + 2);
}

function hitCount(hits: Hits): number {
  return hits.filter((isHit) => isHit).length;
}
