import { checkValue, type Rule } from '../check-options.js';
import { describe, InvalidIdError, numbered } from '../errors.js';
import { FactorModel } from '../model/factor-model.js';
import { seenItems } from '../model/seen-ratings.js';
import { ratingsFromColumns } from '../ratings/from-columns.js';
import { ratingsFromRows } from '../ratings/from-rows.js';
import { refuseTwin } from '../ratings/id-twin.js';
import type { Id, IdVocabulary } from '../ratings/id-vocabulary.js';
import type { Ratings, RatingsSplit, SplitLeftOut } from '../ratings/ratings.js';
import { someRatings } from '../ratings/some-ratings.js';
import { joinTest } from '../ratings/split/join-test.js';

const aModel: Rule = {
  expected: 'a FactorModel; try await loadModel(path)',
  accepts: (value) => value instanceof FactorModel,
};

/**
 * The ratings a model was trained on, the ratings it can be measured on, and why others were left
 * out.
 */
export interface ModelSplit extends RatingsSplit {
  readonly leftOut: SplitLeftOut & {
    /** Ratings by users that the model does not know. */
    readonly unknownUser: number;
    /** Ratings by known users of items that the model does not know. */
    readonly unknownItem: number;
  };
}

/**
 * A split to measure a trained model on: the ratings it has seen, and `ratings` that it has not. It
 * leaves out ratings that no list of the model can hold: unknown users and items, and pairs it has
 * seen.
 *
 * Takes 16 bytes a rating of both. Throws `InvalidIdError` if nothing is left, and if an id
 * differs from one of the model in its type only; `InvalidOptionError` for what is no model, or no
 * ratings.
 */
export function splitForModel(model: FactorModel, ratings: Ratings): ModelSplit {
  checkValue('model', model, aModel);
  checkValue('ratings', ratings, someRatings);
  const [userIds, itemIds] = [model.idsOf('user'), model.idsOf('item')];
  const leftOut = { unknownUser: 0, unknownItem: 0, seen: 0 };
  const kept: { user: Id; item: Id; rating: number }[] = [];
  const { byUser, users, items } = ratings;
  const itemPositions = Int32Array.from(
    items.positions,
    (position) => itemIds.positionOf(items.ids.at(position)) ?? -1,
  );
  for (let row = 0; row < byUser.rowCount; row++) {
    const user = users.ids.at(users.positions[row]!);
    const position = userIds.positionOf(user);
    const [start, end] = [byUser.offsets[row]!, byUser.offsets[row + 1]!];
    if (position === undefined) {
      refuseTwin('user', user, userIds, 'in the ratings to measure on');
      leftOut.unknownUser += end - start;
      continue;
    }
    const seen = new Set(seenItems(model.seen, position));
    for (let at = start; at < end; at++) {
      const item = items.ids.at(items.positions[byUser.columns[at]!]!);
      const itemPosition = itemPositions[byUser.columns[at]!]!;
      if (itemPosition < 0) {
        refuseTwin('item', item, itemIds, 'in the ratings to measure on');
        leftOut.unknownItem++;
      } else if (seen.has(itemPosition)) leftOut.seen++;
      else kept.push({ user, item, rating: byUser.ratings[at]! });
    }
  }
  if (kept.length === 0) {
    const { unknownUser, unknownItem, seen } = leftOut;
    const found = [
      [unknownUser, `by unknown users such as ${example(users.ids)} beside ${example(userIds)}`],
      [unknownItem, `of unknown items such as ${example(items.ids)} beside ${example(itemIds)}`],
      [seen, 'that the model was trained on'],
    ] as const;
    throw new InvalidIdError(
      found
        .filter(([count]) => count > 0)
        .map(([count, reason]) => `${numbered(count, 'rating')} ${reason}`)
        .join(' and ') || 'no ratings',
      'ratings by known users of known items that the model has not seen',
      'withhold some before training, and check the columns',
    );
  }
  const split = joinTest(seenBy(model, userIds, itemIds), ratingsFromRows(kept));
  return { ...split, leftOut };
}

/** What a model was trained on, as ratings. */
function seenBy({ seen }: FactorModel, userIds: IdVocabulary, itemIds: IdVocabulary): Ratings {
  const users = new Uint32Array(seen.items.length);
  for (let user = 0; user < userIds.size; user++) {
    users.fill(user, seen.offsets[user]!, seen.offsets[user + 1]!);
  }
  const ratings = ratingsFromColumns({
    users,
    items: seen.items,
    ratings: seen.ratings,
    userCount: userIds.size,
    itemCount: itemIds.size,
  });
  return {
    ...ratings,
    users: { ...ratings.users, ids: userIds },
    items: { ...ratings.items, ids: itemIds },
  };
}

function example(ids: IdVocabulary): string {
  return ids.size === 0 ? 'none' : describe(ids.at(0));
}
