import type { FactorModel } from '../model/factor-model.js';
import type { ItemSet } from '../model/ranking/item-set.js';
import type { Id } from '../ratings/id-vocabulary.js';
import { idOfText } from './text-ids.js';

/** What is known of an item beside its ratings. */
export interface ItemDetails {
  /** As the model knows it, or its text. */
  readonly itemId: Id;
  readonly title?: string | undefined;
  /** Names that the parameter `category` finds it by, such as genres. */
  readonly categories?: readonly string[] | undefined;
  /** Anything else that answers show. */
  readonly attributes?: Readonly<Record<string, string | number>> | undefined;
}

/** Titles, categories and attributes of the items of one model. */
export class Catalogue {
  readonly #details = new Map<Id, ItemDetails>();
  readonly #model: FactorModel;
  /** Items by their category, in lower case. */
  readonly #categories = new Map<string, Id[]>();
  /** The same, prepared for lists, at their first use. */
  readonly #sets = new Map<string, ItemSet>();

  /** @param details in place of the titles that the model keeps; undefined: these */
  constructor(model: FactorModel, details: readonly ItemDetails[] | undefined) {
    this.#model = model;
    const items = model.idsOf('item');
    for (const [itemId, title] of details === undefined ? model.titles : []) {
      this.#details.set(itemId, { itemId, title });
    }
    for (const item of details ?? []) {
      const itemId = idOfText(String(item.itemId), items);
      if (itemId === undefined || this.#details.has(itemId)) continue;
      this.#details.set(itemId, item);
      for (const category of new Set(item.categories?.map(asKey))) {
        const members = this.#categories.get(category) ?? [];
        members.push(itemId);
        this.#categories.set(category, members);
      }
    }
  }

  of(itemId: Id): Omit<ItemDetails, 'itemId'> {
    const { title, categories, attributes } = this.#details.get(itemId) ?? {};
    return {
      ...(title !== undefined && { title }),
      ...(categories !== undefined && categories.length > 0 && { categories }),
      ...(attributes !== undefined && { attributes }),
    };
  }

  /** Items of any of these categories, in any case of letters; none for unknown ones. */
  itemsOf(categories: readonly string[]): Iterable<Id> {
    if (categories.length === 1) return this.#setOf(asKey(categories[0]!));
    return new Set(categories.flatMap((name) => this.#categories.get(asKey(name)) ?? []));
  }

  #setOf(category: string): Iterable<Id> {
    const members = this.#categories.get(category);
    if (members === undefined) return [];
    let set = this.#sets.get(category);
    if (set === undefined) {
      set = this.#model.itemSet(members);
      this.#sets.set(category, set);
    }
    return set;
  }
}

function asKey(category: string): string {
  return category.trim().toLowerCase();
}
