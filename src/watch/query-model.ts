import type { FactorModel } from '../model/factor-model.js';
import { seenEntries } from '../model/seen-ratings.js';
import { idFromText } from '../ratings/id-from-text.js';
import type { Id } from '../ratings/id-vocabulary.js';
import type { FoundIds, ItemLists, ListedItem, Reasons, UserLists } from './lines.js';

/** Lines of a list. */
const count = 10;
/** Suggestions of a kind, and where nothing is asked for yet. */
const found = 8;
const examples = 3;

/** Answers questions about a model in text. Ids in and out are text. */
export class ModelQueries {
  readonly #model: FactorModel;
  #searched: readonly { readonly title: string; readonly id: Id }[] | undefined;

  constructor(model: FactorModel) {
    this.#model = model;
  }

  /**
   * Users whose id begins with the text, and items with all of its words in their title, or whose id
   * begins with it where there is no title. The item with just that id comes first. Without a text
   * some of both, as examples.
   */
  find(text: string): FoundIds {
    const model = this.#model;
    const start = text.trim();
    if (start === '') {
      return this.#foundIds(model.userIds.slice(0, examples), model.itemIds.slice(0, examples));
    }
    this.#searched ??= model.itemIds.map((id) => ({
      id,
      title: folded(model.titles.get(id) ?? ''),
    }));
    const words = folded(start).split(/\s+/);
    const begins = (id: Id) => String(id).startsWith(start);
    const isSame = (id: Id) => String(id) === start;
    const items = firstOf(this.#searched, ({ title, id }) =>
      title === '' ? begins(id) : words.every((word) => title.includes(word)),
    );
    return this.#foundIds(
      [...model.userIds.filter(isSame), ...firstOf(model.userIds, begins)],
      [...model.itemIds.filter(isSame), ...items.map(({ id }) => id)],
    );
  }

  /** Throws `UnknownIdError`. */
  user(text: string): UserLists {
    const model = this.#model;
    const user = idFromText(text, model.userIds);
    const options = model.hasSeen ? { count } : { count, filterSeen: false };
    const recommended = model.recommend(user, options).map((item) => this.#listed(item));
    return { user: String(user), rated: this.#rated(user), recommended };
  }

  /** Throws `UnknownIdError`. */
  item(text: string): ItemLists {
    const item = idFromText(text, this.#model.itemIds);
    const similar = this.#model.similarItems(item, { count }).map((each) => this.#listed(each));
    return { item: String(item), title: this.#titleOf(item), similar };
  }

  /** Throws `UnknownIdError`, or `MissingRatingsError` for a model without ratings. */
  why(userText: string, itemText: string): Reasons {
    const model = this.#model;
    const item = idFromText(itemText, model.itemIds);
    const user = idFromText(userText, model.userIds);
    const { score, baseline, contributions, others } = model.explain(user, item, { count: 5 });
    return {
      ...{ title: this.#titleOf(item), score, baseline, others },
      contributions: contributions.map(({ itemId, rating, contribution }) => ({
        ...this.#listed({ itemId, score: contribution }),
        rating,
      })),
    };
  }

  /** The highest ratings of a user; empty for a model without ratings. */
  #rated(user: Id): readonly ListedItem[] {
    const model = this.#model;
    if (!model.hasSeen) return [];
    const { positions, ratings } = seenEntries(model.seen, model.userIds.indexOf(user));
    return Array.from(positions, (position, at) => ({ position, score: ratings[at]! }))
      .sort((a, b) => b.score - a.score)
      .slice(0, count)
      .map(({ position, score }) => this.#listed({ itemId: model.itemIds[position]!, score }));
  }

  #foundIds(users: readonly Id[], items: readonly Id[]): FoundIds {
    return {
      users: [...new Set(users.map(String))],
      items: [...new Set(items)].map((id) => ({ id: String(id), title: this.#titleOf(id) })),
    };
  }

  #listed({ itemId, score }: { readonly itemId: Id; readonly score: number }): ListedItem {
    return { id: String(itemId), title: this.#titleOf(itemId), score };
  }

  #titleOf(itemId: Id): string {
    return this.#model.titles.get(itemId) ?? String(itemId);
  }
}

/** Without case and accents. */
function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

function firstOf<Each>(list: readonly Each[], accepts: (each: Each) => boolean): Each[] {
  const first: Each[] = [];
  for (const each of list) {
    if (accepts(each)) first.push(each);
    if (first.length === found) break;
  }
  return first;
}
