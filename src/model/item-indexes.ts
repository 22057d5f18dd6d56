import { SeesawError } from '../errors.js';
import type { ModelSide } from './model-side.js';
import type { IndexedRows } from './ranking/build-index.js';
import { fastestLead } from './ranking/fastest-lead.js';
import { ItemIndex } from './ranking/item-index.js';
import { rowNorms } from './similar-rows.js';

/** Rows with fewer elements in all are scored in less than a millisecond. */
const minElements = 2 ** 20;
/** Building an index takes about as long as scoring all items so often. */
const callsToBuild = 24;

/**
 * The indexes of a model's items: for scores, and for cosines where rows with biases are not the
 * factors. Each is built on request, or once calls have taken as long as building takes.
 */
export class ItemIndexes {
  readonly #items: ModelSide;
  readonly #users: ModelSide;
  readonly #calls = { scores: 0, cosines: 0 };
  readonly #built: Partial<Record<'scores' | 'cosines', ItemIndex>> = {};
  #building: Promise<ItemIndex> | undefined;

  /** @param users whose rows searches are timed with */
  constructor(items: ModelSide, users: ModelSide) {
    this.#items = items;
    this.#users = users;
  }

  /** The index for scores, if it is there. */
  get ofScores(): ItemIndex | undefined {
    return this.#built.scores;
  }

  /** Builds what is missing while the event loop turns. Rejects with `MemoryLimitError`. */
  build(): Promise<ItemIndex> {
    this.#building ??= this.#buildBoth().finally(() => {
      this.#building = undefined;
    });
    return this.#building;
  }

  /** An index to use for a call; undefined if scoring all items is as good. */
  forCall(use: 'scores' | 'cosines'): ItemIndex | undefined {
    const kept = this.#hasOneIndex ? 'scores' : use;
    const built = this.#built[kept];
    if (built !== undefined) return built;
    const source = this.#source(kept);
    if (source.rows.length < minElements || ++this.#calls[kept] !== callsToBuild) return undefined;
    try {
      const whole = { ...source, norms: this.#norms(kept) };
      this.#built[kept] = ItemIndex.build(whole, this.#leadOf(kept, whole));
    } catch (error) {
      // Without memory for an index, calls go on as before.
      if (!(error instanceof SeesawError)) throw error;
    }
    return this.#built[kept];
  }

  async #buildBoth(): Promise<ItemIndex> {
    const kept = this.#hasOneIndex ? (['scores'] as const) : (['scores', 'cosines'] as const);
    for (const use of kept) {
      const source: IndexedRows = { ...this.#source(use), norms: this.#norms(use) };
      this.#built[use] ??= await ItemIndex.buildLater(source, this.#leadOf(use, source));
    }
    return this.#built.scores!;
  }

  #leadOf(use: 'scores' | 'cosines', source: IndexedRows): number {
    const rows = use === 'scores' ? this.#users.scoring.rows : this.#items.factors;
    return fastestLead(source, rows);
  }

  /** Whether the rows that make scores are the factors themselves. */
  get #hasOneIndex(): boolean {
    return this.#items.scoring.rows === this.#items.factors;
  }

  #source(use: 'scores' | 'cosines'): Pick<IndexedRows, 'rows' | 'width'> {
    const { scoring, factors, settings } = this.#items;
    return use === 'scores' ? scoring : { rows: factors, width: settings.rank };
  }

  #norms(use: 'scores' | 'cosines'): Float64Array {
    if (use === 'cosines' || this.#hasOneIndex) return this.#items.norms;
    const { rows, width } = this.#items.scoring;
    return rowNorms(rows, width);
  }
}
