import { Arena } from '../../arena.js';
import { buildRatings } from '../../ratings/build-ratings.js';
import { appendedIds, type Id, type IdVocabulary } from '../../ratings/id-vocabulary.js';
import type { Ratings } from '../../ratings/ratings.js';
import { idForText } from '../text-ids.js';
import type { StoredInteraction } from '../user-interactions.js';

/**
 * Ratings and what was interacted with later: an interaction replaces the rating of its pair, the
 * latest counts. Users and items that only interactions have come behind the others, with ids of the
 * type that the others have. In an arena of its own, without timestamps.
 */
export function withInteractions(
  { byUser, users, items }: Ratings,
  interactions: Iterable<StoredInteraction>,
): Ratings {
  const later = [...interactions].sort((a, b) => a.at - b.at);
  const userIds = new GrowingNames(users.ids);
  const itemIds = new GrowingNames(items.ids);
  const before = byUser.columns.length;
  const count = before + later.length;
  const arena = new Arena();
  const entries = {
    users: arena.uint32(count),
    items: arena.uint32(count),
    ratings: arena.float32(count),
  };
  entries.ratings.set(byUser.ratings);
  for (let row = 0, at = 0; row < byUser.rowCount; row++) {
    for (; at < byUser.offsets[row + 1]!; at++) {
      entries.users[at] = users.positions[row]!;
      entries.items[at] = items.positions[byUser.columns[at]!]!;
    }
  }
  for (const [n, { user, item, rating }] of later.entries()) {
    entries.users[before + n] = userIds.positionOf(user);
    entries.items[before + n] = itemIds.positionOf(item);
    entries.ratings[before + n] = rating;
  }
  return buildRatings({
    arena,
    ...entries,
    userIds: userIds.vocabulary(),
    itemIds: itemIds.vocabulary(),
    duplicates: 'last',
  });
}

/** Known ids, and new ones in the order of their first use. */
class GrowingNames {
  readonly #known: IdVocabulary;
  readonly #added = new Map<Id, number>();

  constructor(known: IdVocabulary) {
    this.#known = known;
  }

  positionOf(text: string): number {
    const id = idForText(text, this.#known);
    const position = this.#known.positionOf(id) ?? this.#added.get(id);
    if (position !== undefined) return position;
    this.#added.set(id, this.#known.size + this.#added.size);
    return this.#known.size + this.#added.size - 1;
  }

  vocabulary(): IdVocabulary {
    return appendedIds(this.#known, [...this.#added.keys()]);
  }
}
