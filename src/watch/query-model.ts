import type { FactorModel } from '../model/factor-model.js';
import { seenEntries } from '../model/seen-ratings.js';
import { idFromText } from '../ratings/id-from-text.js';
import type { Id } from '../ratings/id-vocabulary.js';
import type { FoundIds, ItemLists, ListedItem, Reasons, UserLists } from './lines.js';

/** Lines of a list. */
const count = 10;
/** Suggestions of a kind. */
const found = 8;

/** Answers questions about a model in text. Ids in and out are text. */
export class ModelQueries {
  readonly #model: FactorModel;
  #searched: readonly { readonly text: string; readonly id: Id }[] | undefined;

  constructor(model: FactorModel) {
    this.#model = model;
  }

  /** Users whose id begins with the text, and items with all of its words in title or id. */
  find(text: string): FoundIds {
    const words = folded(text).split(/\s+/).filter(Boolean);
    if (words.length === 0) return { users: [], items: [] };
    const model = this.#model;
    this.#searched ??= model.itemIds.map((id) => ({
      id,
      text: folded(`${model.titles.get(id) ?? ''} ${id}`),
    }));
    const start = text.trim();
    const users = firstOf(model.userIds, (id) => String(id).startsWith(start));
    const exact = model.userIds.find((id) => String(id) === start);
    const items = firstOf(this.#searched, (item) =>
      words.every((word) => item.text.includes(word)),
    );
    return {
      users: [...new Set([...(exact === undefined ? [] : [exact]), ...users].map(String))],
      items: items.map(({ id }) => ({ id: String(id), title: this.#titleOf(id) })),
    };
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
