/**
 * Metrics of one user's result list at cutoff k. Relevance is binary; the denominators are those of
 * the iALS papers (Rendle, Krichene, Zhang, Koren, "Revisiting the Performance of iALS on Item
 * Recommendation Benchmarks", 2022): what k results could reach at best counts as 1.
 *
 * `hits[i]` says whether the result at rank i (0 is best) is relevant. Only the first k count, and
 * there are fewer when fewer candidates were left. `relevantCount` is the number of relevant items,
 * ≥ 1.
 */
export type Hits = readonly boolean[];

/**
 * Relevant results over min(k, relevantCount), as in the iALS papers, RecPack's `CalibratedRecallK`.
 * RecPack's `RecallK` divides by relevantCount, which k results cannot reach when it is larger.
 */
export function recallAtK(hits: Hits, relevantCount: number, k: number): number {
  return hitCount(hits, k) / Math.min(k, relevantCount);
}

/**
 * Relevant results over k, also when the list is shorter, as in RecPack. What `implicit` calls
 * precision divides by min(k, relevantCount): here that is `recallAtK`.
 */
export function precisionAtK(hits: Hits, k: number): number {
  return hitCount(hits, k) / k;
}

/** Σ 1 / log2(i + 2) over the ranks i of hits, over the same sum for the first min(k, relevantCount). */
export function ndcgAtK(hits: Hits, relevantCount: number, k: number): number {
  let gain = 0;
  for (let i = 0; i < lengthAt(hits, k); i++) if (hits[i]!) gain += discount(i);
  let ideal = 0;
  for (let i = 0; i < Math.min(k, relevantCount); i++) ideal += discount(i);
  return gain / ideal;
}

/** Σ precision at the rank of every hit, over min(k, relevantCount), as in `implicit`. */
export function averagePrecisionAtK(hits: Hits, relevantCount: number, k: number): number {
  let found = 0;
  let sum = 0;
  for (let i = 0; i < lengthAt(hits, k); i++) if (hits[i]!) sum += ++found / (i + 1);
  return sum / Math.min(k, relevantCount);
}

/** 1 / (i + 1) for the rank i of the first hit, 0 without one. */
export function reciprocalRankAtK(hits: Hits, k: number): number {
  const first = hits.indexOf(true);
  return first < 0 || first >= k ? 0 : 1 / (first + 1);
}

/** 1 with at least one hit, else 0. */
export function hitAtK(hits: Hits, k: number): number {
  return reciprocalRankAtK(hits, k) > 0 ? 1 : 0;
}

/**
 * Share of the pairs of a relevant and an irrelevant candidate whose relevant one comes first, as
 * far as k results tell: pairs of which neither is among them count one half. This is `implicit`'s
 * AUC, except that `implicit` counts items rated in training as irrelevant candidates.
 *
 * @param candidateCount items that could have been in the list, ≥ relevantCount
 * @returns NaN without an irrelevant candidate
 */
export function aucAtK(
  hits: Hits,
  relevantCount: number,
  candidateCount: number,
  k: number,
): number {
  const irrelevantCount = candidateCount - relevantCount;
  let found = 0;
  let misses = 0;
  let right = 0;
  for (let i = 0; i < lengthAt(hits, k); i++) {
    if (hits[i]!) {
      found++;
    } else if (misses < irrelevantCount) {
      // A list may hold items that are not candidates, if it does not leave out what the user
      // rated.
      misses++;
      right += found;
    }
  }
  right += ((found + relevantCount) / 2) * (irrelevantCount - misses);
  return right / (relevantCount * irrelevantCount);
}

function discount(rank: number): number {
  return 1 / Math.log2(rank + 2);
}

function hitCount(hits: Hits, k: number): number {
  let count = 0;
  for (let i = 0; i < lengthAt(hits, k); i++) if (hits[i]!) count++;
  return count;
}

function lengthAt(hits: Hits, k: number): number {
  return Math.min(k, hits.length);
}
