import test from 'ava';
import { withFoldedUsers } from '../../../src/evaluation/with-folded-users.js';
import type { Ratings } from '../../../src/ratings/ratings.js';
import { randomRatings } from '../../helpers/builders/jobs.js';
import { randomModel } from '../../helpers/builders/models.js';

const model = randomModel({ rank: 5, users: 30, items: 20 });

/** What is visible of the users. */
function visible(): Ratings {
  return randomRatings({ users: 30, items: 20, density: 0.2, seed: 2 });
}

test('users have the rows that foldInUser gives, and see what was folded in', async (t) => {
  const foldIn = visible();
  const { byUser, users, items } = foldIn;

  const folded = await withFoldedUsers(model, foldIn);

  for (let row = 0; row < byUser.rowCount; row++) {
    const user = users.positions[row]!;
    const ratings = Array.from(
      byUser.columns.subarray(byUser.offsets[row], byUser.offsets[row + 1]),
      (column, i) => ({
        item: items.positions[column]!,
        rating: byUser.ratings[byUser.offsets[row]! + i]!,
      }),
    );
    const alone = model.foldInUser(ratings);
    if (ratings.length > 0) {
      t.deepEqual(
        folded.userFactors.subarray(user * 5, user * 5 + 5),
        Float32Array.from(alone.factors),
      );
      t.deepEqual(
        folded.recommend(user).map(({ itemId }) => itemId),
        model.recommend(alone).map(({ itemId }) => itemId),
      );
    }
  }
  t.is(folded.itemFactors, model.itemFactors);
});

test('the model itself does not change', async (t) => {
  const before = model.userFactors.slice();

  await withFoldedUsers(model, visible());

  t.deepEqual(model.userFactors, before);
});

test('an aborted fold-in rejects with the reason', async (t) => {
  const reason = new Error('enough');
  // Enough to take more than a turn.
  const large = randomModel({ rank: 128, users: 30, items: 20 });

  const error = await t.throwsAsync(withFoldedUsers(large, visible(), AbortSignal.abort(reason)));

  t.is(error, reason);
});
