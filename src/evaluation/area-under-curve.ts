/** Which items of one user count, by position. */
export interface ScoredUser {
  /** One score an item position. */
  readonly scores: Float32Array;
  /** Item positions that are no candidates: what the user rated in training. */
  readonly seen: ArrayLike<number>;
  /** Item positions that are relevant candidates, each once and none of them seen. */
  readonly relevant: ArrayLike<number>;
}

/**
 * Area under the ROC curve of one user over all unseen items, exact: the share of the pairs of a
 * relevant and an irrelevant candidate in which the relevant one has the higher score; equal scores
 * count one half.
 *
 * @returns NaN without a relevant or without an irrelevant candidate
 */
export function areaUnderCurve({ scores, seen, relevant }: ScoredUser): number {
  const ofRelevant = Float32Array.from(relevant, (position) => scores[position]!).sort();
  // Twice the pairs that are right, so that a tie is a whole number.
  let twiceRight = twicePairs(scores, ofRelevant);
  const irrelevantCount = scores.length - seen.length - relevant.length;
  for (const left of [seen, relevant]) {
    const others = Float32Array.from(left, (position) => scores[position]!);
    twiceRight -= twicePairs(others, ofRelevant);
  }
  return twiceRight / (2 * irrelevantCount * ofRelevant.length);
}

/** Σ over `others` of twice the ascending relevant scores above it, plus those equal to it. */
function twicePairs(others: Float32Array, relevant: Float32Array): number {
  const count = relevant.length;
  let twice = 0;
  for (let i = 0; i < others.length; i++) {
    const score = others[i]!;
    let above = 0;
    let end = count;
    while (above < end) {
      const middle = (above + end) >> 1;
      if (relevant[middle]! > score) end = middle;
      else above = middle + 1;
    }
    let equal = above;
    while (equal > 0 && relevant[equal - 1] === score) equal--;
    twice += 2 * (count - above) + (above - equal);
  }
  return twice;
}
