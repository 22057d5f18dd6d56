import type { Id, IdVocabulary } from '../../ratings/id-vocabulary.js';

/** Item positions, in any order. Those in a `Uint32Array` are of an `ItemSet` and never change. */
export type Positions = readonly number[] | Uint32Array;

/**
 * Items of a model for `allow` and `deny`, prepared once and used often: what is in stock, a category.
 * See `FactorModel.itemSet`. Taken by another model, it is read as any iterable of ids is.
 */
export class ItemSet implements Iterable<Id> {
  /** Of the items, each once, ascending. */
  readonly positions: Uint32Array;
  readonly #ids: IdVocabulary;

  /**
   * @param positions of `ids`
   * @internal
   */
  constructor(positions: readonly number[], ids: IdVocabulary) {
    this.positions = Uint32Array.from(new Set(positions)).sort();
    this.#ids = ids;
  }

  /** How many items there are. */
  get size(): number {
    return this.positions.length;
  }

  /** Whether it is of a model with this vocabulary. */
  isOf(ids: IdVocabulary): boolean {
    return this.#ids === ids;
  }

  /** The ids, in the order of the model's items. */
  *[Symbol.iterator](): Iterator<Id> {
    for (const position of this.positions) yield this.#ids.at(position);
  }
}
