import { join } from 'node:path';
import { readBuffer } from './case-files.js';

/** How far two libraries' lists for the same users are from each other. */
export interface ListComparison {
  readonly users: number;
  /** Users whose lists hold other items; their scores at every rank are equal all the same. */
  readonly otherItems: number;
  /** Greatest difference of two scores at the same rank, over the user's best score. */
  readonly greatestDifference: number;
}

/** Scores nearer than this share of the user's best are equal: float32 sums of some 100 products. */
const equalScore = 1e-5;

/**
 * Compares the lists that two processes wrote; see `listsTo` of a trial. Throws if a score differs by
 * more than rounding, which means that one of them missed an item.
 */
export function compareLists(folders: readonly [string, string], count: number): ListComparison {
  const [a, b] = folders.map((folder) => ({
    ids: new Int32Array(readBuffer(join(folder, 'ids.i32'))),
    scores: new Float32Array(readBuffer(join(folder, 'scores.f32'))),
  })) as [Lists, Lists];
  const users = a.ids.length / count;
  let otherItems = 0;
  let greatestDifference = 0;
  for (let user = 0; user < users; user++) {
    const [from, to] = [user * count, (user + 1) * count];
    const best = Math.abs(a.scores[from]!);
    for (let at = from; at < to; at++) {
      const difference = Math.abs(a.scores[at]! - b.scores[at]!) / best;
      if (difference > equalScore) {
        throw new Error(`user ${user} has ${a.scores[at]} and ${b.scores[at]} at ${at - from}`);
      }
      greatestDifference = Math.max(greatestDifference, difference);
    }
    const ids = new Set(a.ids.subarray(from, to));
    if (b.ids.subarray(from, to).some((id) => !ids.has(id))) otherItems++;
  }
  return { users, otherItems, greatestDifference };
}

interface Lists {
  readonly ids: Int32Array;
  readonly scores: Float32Array;
}
