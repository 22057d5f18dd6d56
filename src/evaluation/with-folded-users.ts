import { setImmediate as nextTurn } from 'node:timers/promises';
import { FactorModel } from '../model/factor-model.js';
import { seenRatings } from '../model/seen-ratings.js';
import type { Ratings } from '../ratings/ratings.js';

/** Operations between two turns of the event loop: some 30 ms. */
const operationsPerTurn = 2 ** 24;

/**
 * The model with the rows of the users of `foldIn` solved from these ratings, as `foldInUser` does,
 * and with these ratings as seen: it recommends to users that training did not see. The items'
 * arrays are shared with `model`. Yields to the event loop regularly.
 *
 * @param foldIn with the rows and names of what the model was trained on
 * @param signal stops within a turn; the promise rejects with its reason
 */
export async function withFoldedUsers(
  model: FactorModel,
  foldIn: Ratings,
  signal?: AbortSignal,
): Promise<FactorModel> {
  const { rank, itemFactors, itemBiases, globalMean, settings, titles } = model;
  const { byUser, users, items } = foldIn;
  const userFactors = model.userFactors.slice();
  const userBiases = model.userBiases?.slice();
  let operations = 0;
  for (let row = 0; row < byUser.rowCount; row++) {
    const [start, end] = [byUser.offsets[row]!, byUser.offsets[row + 1]!];
    if (start === end) continue;
    operations += (end - start + rank) * rank * rank;
    if (operations > operationsPerTurn) {
      operations = 0;
      await nextTurn();
      signal?.throwIfAborted();
    }
    const ratings = Array.from({ length: end - start }, (_, i) => ({
      item: items.ids.at(items.positions[byUser.columns[start + i]!]!),
      rating: byUser.ratings[start + i]!,
    }));
    const { factors, bias } = model.foldInUser(ratings);
    const position = users.positions[row]!;
    userFactors.set(factors, position * rank);
    if (userBiases !== undefined) userBiases[position] = bias;
  }
  return new FactorModel({
    ...{ rank, userFactors, itemFactors, userBiases, itemBiases, globalMean, settings, titles },
    users: users.ids,
    items: items.ids,
    seen: () => seenRatings(foldIn),
  });
}
