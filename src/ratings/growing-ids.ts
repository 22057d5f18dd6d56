import { checkId, type Id, type IdVocabulary } from './id-vocabulary.js';
import { packIds } from './pack-ids.js';
import type { Side } from './ratings.js';

/** Ids in the order of their first appearance. Ids of different types are different: 1 is not '1'. */
export class GrowingIds {
  readonly #side: Side;
  readonly #ids: Id[] = [];
  readonly #positions = new Map<Id, number>();

  constructor(side: Side) {
    this.#side = side;
  }

  /**
   * Position of an id; one that is new gets the next. Throws `InvalidIdError` for what is no id.
   *
   * @param entry number of the entry that has it, for the message
   */
  add(id: Id, entry: number): number {
    const known = this.#positions.get(id);
    if (known !== undefined) return known;
    checkId(id, this.#side, entry);
    this.#positions.set(id, this.#ids.length);
    // The number −0 is the id 0.
    return this.#ids.push(id === 0 ? 0 : id) - 1;
  }

  /** The ids so far, in memory of their own: less than is shared, and some 0.2 µs an id to make. */
  packed(): IdVocabulary {
    return packIds(this.#ids);
  }

  /** The ids so far. Later ones do not show in it, and it shares their memory. */
  vocabulary(): IdVocabulary {
    const size = this.#ids.length;
    return {
      size,
      at: (position) => this.#ids[position]!,
      positionOf: (id) => {
        const position = this.#positions.get(id);
        return position !== undefined && position < size ? position : undefined;
      },
    };
  }
}
