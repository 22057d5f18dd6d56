import type { IndexedRows } from './build-index.js';
import type { ItemIndex } from './item-index.js';

/** The indexes of a model: for scores, and for cosines where rows with biases are not the factors. */
export interface BuiltIndexes {
  readonly scores: ItemIndex;
  readonly cosines?: ItemIndex;
}

/** The rows of each index that a model has. */
export type IndexSources = Readonly<Record<'scores', IndexedRows>> &
  Readonly<Partial<Record<'cosines', IndexedRows>>>;

/** Keeps the indexes of one model beside it. */
export interface IndexStore {
  /**
   * The indexes that were kept, or why there are none to use, which follows "found". Rejects with
   * `MemoryLimitError`.
   */
  read(sources: IndexSources): Promise<BuiltIndexes | string>;
  /** Keeps them, whole or not at all. Rejects with the operating system's error. */
  write(indexes: BuiltIndexes): Promise<void>;
}

/** How a model came to its index. */
export interface IndexOrigin {
  /** `file`: read from beside the model. `rows`: built from its factors. */
  readonly from: 'file' | 'rows';
  readonly seconds: number;
  /** Why no saved index was used, follows "found"; undefined for `file` and for a model without a path. */
  readonly found: string | undefined;
  /** Why a built index was not saved; undefined if it was, or was not to be. */
  readonly unsaved: string | undefined;
}

/** What `buildIndex` does beside building. */
export interface BuildIndexOptions {
  /**
   * Whether an index that has to be built is saved beside the model that was loaded, for the next
   * time. Default false. A folder that cannot be written to is no error.
   */
  readonly save?: boolean | undefined;
  /** Called once, if the index was not there yet. */
  readonly onBuilt?: ((origin: IndexOrigin) => void) | undefined;
}
