import type { Recommender } from '../model/recommender.js';
import type { Id, IdVocabulary } from '../ratings/id-vocabulary.js';
import { areaUnderCurve } from './area-under-curve.js';

/** The mean of the exact areas under the curve, one user after the other. */
export class MeanArea {
  readonly #scores: Iterator<Float32Array>;
  #sum = 0;
  #count = 0;

  /** @param users whose scores follow, in this order */
  constructor(recommender: Recommender, users: readonly Id[], items: IdVocabulary) {
    this.#scores = scoresOf(recommender, users, items)[Symbol.iterator]();
  }

  /** Adds the next user. */
  add(seen: Uint32Array, relevant: Uint32Array): void {
    const area = areaUnderCurve({ scores: this.#scores.next().value!, seen, relevant });
    // Without an irrelevant candidate there is no pair to compare.
    if (Number.isNaN(area)) return;
    this.#sum += area;
    this.#count++;
  }

  get(): number {
    return this.#sum / this.#count;
  }
}

/** Scores of all items by position, for each of the users in turn. */
function scoresOf(
  recommender: Recommender,
  users: readonly Id[],
  items: IdVocabulary,
): Iterable<Float32Array> {
  return recommender.scoreAll?.(users) ?? scoresOfLists(recommender, users, items);
}

/** The same from lists of all items; items on no list come last. */
function* scoresOfLists(
  recommender: Recommender,
  users: readonly Id[],
  items: IdVocabulary,
): Generator<Float32Array> {
  const scores = new Float32Array(items.size);
  for (const userId of users) {
    scores.fill(Number.NEGATIVE_INFINITY);
    const all = recommender.recommend(userId, { count: items.size, filterSeen: false });
    for (const { itemId, score } of all) {
      const position = items.positionOf(itemId);
      if (position !== undefined) scores[position] = score;
    }
    yield scores;
  }
}
