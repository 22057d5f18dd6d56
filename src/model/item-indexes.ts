import { SeesawError } from '../errors.js';
import type { ModelSide } from './model-side.js';
import type { IndexedRows } from './ranking/build-index.js';
import { fastestLead } from './ranking/fastest-lead.js';
import type {
  BuildIndexOptions,
  BuiltIndexes,
  IndexSources,
  IndexStore,
} from './ranking/index-store.js';
import { ItemIndex } from './ranking/item-index.js';
import { rowNorms } from './similar-rows.js';

/** Rows with fewer elements in all are scored in less than a millisecond. */
const minElements = 2 ** 20;
/** Building an index takes about as long as scoring all items so often. */
const callsToBuild = 24;

/**
 * The indexes of a model's items: for scores, and for cosines where rows with biases are not the
 * factors. Each is read or built on request, or built once calls have taken as long as that takes.
 */
export class ItemIndexes {
  readonly #items: ModelSide;
  readonly #users: ModelSide;
  readonly #calls = { scores: 0, cosines: 0 };
  readonly #built: Partial<Record<'scores' | 'cosines', ItemIndex>> = {};
  readonly #store: IndexStore | undefined;
  #building: Promise<ItemIndex> | undefined;

  /**
   * @param users whose rows searches are timed with
   * @param store where the indexes of this model are kept, if it has such a place
   */
  constructor(items: ModelSide, users: ModelSide, store: IndexStore | undefined) {
    this.#items = items;
    this.#users = users;
    this.#store = store;
  }

  /** The index for scores, if it is there. */
  get ofScores(): ItemIndex | undefined {
    return this.#built.scores;
  }

  /** All indexes of the model, if they are there. */
  get all(): BuiltIndexes | undefined {
    const { scores, cosines } = this.#built;
    if (scores === undefined) return undefined;
    if (this.#hasOneIndex) return { scores };
    return cosines && { scores, cosines };
  }

  /**
   * Reads the saved indexes, or builds what is missing, while the event loop turns. Rejects with
   * `MemoryLimitError`.
   */
  build(options: BuildIndexOptions): Promise<ItemIndex> {
    this.#building ??= this.#readOrBuild(options).finally(() => {
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

  async #readOrBuild({ save = false, onBuilt }: BuildIndexOptions): Promise<ItemIndex> {
    if (this.all !== undefined) return this.all.scores;
    const startedAt = performance.now();
    const uses = this.#hasOneIndex ? (['scores'] as const) : (['scores', 'cosines'] as const);
    // One or two, as `uses`.
    const sources = Object.fromEntries(
      uses.map((use) => [use, { ...this.#source(use), norms: this.#norms(use) }]),
    ) as unknown as IndexSources;
    const found = await this.#store?.read(sources);
    if (typeof found === 'object') Object.assign(this.#built, found);
    for (const use of uses) {
      const source = sources[use]!;
      this.#built[use] ??= await ItemIndex.buildLater(source, this.#leadOf(use, source));
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const isRead = typeof found === 'object';
    const unsaved = save && !isRead ? await this.#save() : undefined;
    const from = isRead ? 'file' : 'rows';
    onBuilt?.({ from, seconds, found: isRead ? undefined : found, unsaved });
    return this.#built.scores!;
  }

  /** Why it cannot be saved; undefined if it is. */
  async #save(): Promise<string | undefined> {
    try {
      await this.#store?.write(this.all!);
    } catch (error) {
      return (error as Error).message;
    }
    return undefined;
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
