import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type IndexSearcher,
  makeSearchRoom,
  openIndex,
  packedBytesOf,
  type SearchFigures,
  type SearchRoom,
  viewIndex,
} from '../../kernels/wasm/item-index.js';
import { rowNorms } from '../similar-rows.js';
import { type BuiltIndex, buildIndex, type IndexedRows, unpackIndex } from './build-index.js';
import { type ExcludedItems, Exclusions } from './exclusions.js';

/** What is searched for. */
export interface IndexQuery extends ExcludedItems {
  /** As long as the rows of the index. */
  readonly row: Float32Array;
  /** Length of the list, ≥ 1; fewer if fewer items are left. */
  readonly count: number;
  /** Scores are products, or cosines between the rows that have a direction. */
  readonly score: 'product' | 'cosine';
}

/** The best items, and what finding them took. */
export interface IndexList extends SearchFigures {
  /** Best first, ties by position. */
  readonly positions: Uint32Array;
  readonly scores: Float32Array;
}

/** Searches that share their reads of the index, at most. */
const maxShared = 8;
const usualCount = 256;

/**
 * Items laid out for exact lists of single rows; it does not change. Lists are those that scoring
 * every item in float64 and sorting gives, to the last bit and tie, and few items are scored that way:
 *
 *     norms        items lie by falling norm, so a search ends where ‖x‖·‖y‖ is below the list's last score
 *     bounds       x·y ≤ x₁·y₁ + ‖x₂‖·‖y₂‖, of whole numbers of 8 bits with their errors, where x₁ are
 *                  the leading coordinates in the eigenvectors of the Gram matrix, and x₂ the others
 *     exact        what may belong to the list by all its coordinates
 *
 * (LEMP, Teflioudi et al. 2015, bounds by norms; FEXIPRO, Li et al. 2017, by leading coordinates and
 * whole numbers.)
 */
export class ItemIndex {
  readonly #built: BuiltIndex;
  readonly #searcher: IndexSearcher;
  readonly #slots: Uint32Array;
  readonly #exclusions: Exclusions;
  readonly #rooms: SearchRoom[] = [];

  /** Throws `MemoryLimitError` if the rows do not fit into 4 GiB. */
  static build(source: IndexedRows, lead = source.width): ItemIndex {
    const steps = buildIndex(source, Math.min(lead, source.width));
    for (;;) {
      const { done, value } = steps.next();
      if (done) return new ItemIndex(value);
    }
  }

  /** `build` while the event loop turns. */
  static async buildLater(source: IndexedRows, lead = source.width): Promise<ItemIndex> {
    const steps = buildIndex(source, Math.min(lead, source.width));
    for (;;) {
      const { done, value } = steps.next();
      if (done) return new ItemIndex(value);
      await nextTurn();
    }
  }

  /**
   * An index that was packed before, as `packed` gave it; see `unpackIndex`.
   *
   * @internal
   */
  static async unpack(...packed: Parameters<typeof unpackIndex>): Promise<ItemIndex | undefined> {
    const built = await unpackIndex(...packed);
    return built && new ItemIndex(built);
  }

  private constructor(built: BuiltIndex) {
    const { layout, arena } = built;
    const { slots } = viewIndex(layout);
    this.#built = built;
    this.#slots = slots;
    this.#exclusions = new Exclusions(slots);
    this.#searcher = openIndex(layout, arena, maxShared);
  }

  /** How many items it holds. */
  get itemCount(): number {
    return this.#built.layout.itemCount;
  }

  /**
   * What took long to make, to be kept: with the rows it makes an equal index. Views of shared memory.
   *
   * @internal
   */
  get packed(): { readonly lead: number; readonly regions: ReadonlyMap<string, Uint8Array> } {
    const { layout } = this.#built;
    return { lead: layout.lead, regions: packedBytesOf(layout) };
  }

  /** Elements of a row. */
  get width(): number {
    return this.#built.layout.width;
  }

  /** Panels of 32 items. */
  get panelCount(): number {
    return this.#built.layout.panelCount;
  }

  /** Bytes of shared memory. */
  get bytes(): number {
    return this.#built.arena.usedBytes;
  }

  /** The best items for a row. */
  search(query: IndexQuery): IndexList {
    return this.searchAll([query])[0]!;
  }

  /** The best items for some rows, whose searches share what they read. */
  searchAll(queries: readonly IndexQuery[]): IndexList[] {
    const lists: IndexList[] = [];
    for (let first = 0; first < queries.length; first += maxShared) {
      lists.push(...this.#searchSome(queries.slice(first, first + maxShared)));
    }
    return lists;
  }

  #searchSome(queries: readonly IndexQuery[]): IndexList[] {
    const { greatestNorm } = this.#built;
    const lists = new Array<IndexList>(queries.length);
    const waiting: number[] = [];
    const requests = [];
    for (const [at, query] of queries.entries()) {
      const count = Math.min(query.count, this.itemCount);
      const norm = rowNorms(query.row, this.width)[0]!;
      const isCosine = query.score === 'cosine';
      if (count === 0 || (isCosine && norm === 0)) {
        lists[at] = noItems;
        continue;
      }
      const room = this.#roomFor(requests.length, count);
      this.#exclusions.mark(query, room);
      // Beyond float32 scores are infinite or not numbers.
      const greatest = norm * greatestNorm;
      if (greatest === 0) {
        lists[at] = this.#firstLeft(room.excluded, count, isCosine);
        this.#exclusions.unmark(query, room);
        continue;
      }
      room.row.set(query.row);
      waiting.push(at);
      requests.push({ room, count, norm, isCosine, isExact: !(greatest < 1e38) });
    }
    const figures = requests.length > 0 ? this.#searcher.run(requests) : [];
    for (const [i, at] of waiting.entries()) {
      const { room } = requests[i]!;
      const { length } = figures[i]!;
      lists[at] = {
        ...figures[i]!,
        positions: room.positions.slice(0, length),
        scores: room.scores.slice(0, length),
      };
      this.#exclusions.unmark(queries[at]!, room);
    }
    return lists;
  }

  /** All scores are 0: the first positions that are left. */
  #firstLeft(excluded: Uint32Array, count: number, isCosine: boolean): IndexList {
    const positions: number[] = [];
    if (isCosine) return noItems;
    for (let at = 0; at < this.itemCount && positions.length < count; at++) {
      const slot = this.#slots[at]!;
      if (((excluded[slot >>> 5]! >>> (slot & 31)) & 1) === 0) positions.push(at);
    }
    const { length } = positions;
    return {
      ...{ length, panelsRead: 0, refined: 0, scored: 0 },
      positions: Uint32Array.from(positions),
      scores: new Float32Array(length),
    };
  }

  #roomFor(at: number, count: number): SearchRoom {
    const { layout, arena } = this.#built;
    const room = this.#rooms[at];
    if (room !== undefined && room.count >= count) return room;
    if (room !== undefined) arena.release(room.record);
    const made = makeSearchRoom(layout, arena, Math.max(count, usualCount));
    this.#rooms[at] = made;
    return made;
  }
}

const noItems: IndexList = Object.freeze({
  ...{ length: 0, panelsRead: 0, refined: 0, scored: 0 },
  positions: new Uint32Array(0),
  scores: new Float32Array(0),
});
