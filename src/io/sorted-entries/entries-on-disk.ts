import type { EntriesByUser } from '../../ratings/described-ratings.js';
import type { TimedRows } from '../../ratings/merge-duplicates.js';
import type { SparseRows } from '../../ratings/sparse-rows.js';
import { KeptFiles } from './kept-files.js';
import { RowsOnDisk } from './rows-on-disk.js';
import type { SpillFile } from './spill-file.js';

/** Entries that are passed on at once, about. */
const entriesAtATime = 2 ** 18;

/** Ratings of all users in files of this process, which go when nothing uses them any more. */
export class EntriesOnDisk implements EntriesByUser {
  readonly #files = KeptFiles.of(this);
  readonly #rows: RowsOnDisk;
  readonly #times: SpillFile | undefined;

  /** @param timed whether entries have timestamps */
  constructor(users: number, items: number, timed: boolean) {
    this.#rows = new RowsOnDisk(
      { rowCount: users, columnCount: items },
      this.#files.file('columns'),
      this.#files.file('ratings'),
    );
    this.#times = timed ? this.#files.file('timestamps') : undefined;
  }

  /** Adds the rows of the next users. */
  async append({ rows, timestamps }: TimedRows): Promise<void> {
    await this.#rows.append(rows);
    if (timestamps !== undefined) await this.#times!.append(timestamps);
  }

  async each(
    onRows: (entries: TimedRows, first: number) => void | Promise<void>,
    signal?: AbortSignal,
  ): Promise<void> {
    const { offsets } = this.#rows;
    const end = offsets.length - 1;
    for (let first = 0; first < end; ) {
      signal?.throwIfAborted();
      let next = first + 1;
      while (next < end && offsets[next + 1]! - offsets[first]! <= entriesAtATime) next++;
      const rows = await this.#rows.rows(first, next);
      let timestamps: Float64Array | undefined;
      if (this.#times !== undefined) {
        timestamps = new Float64Array(rows.columns.length);
        await this.#times.read(8 * offsets[first]!, timestamps);
      }
      await onRows({ rows, timestamps }, first);
      first = next;
    }
  }

  rows(first: number, end: number): SparseRows {
    return this.#rows.rowsSync(first, end);
  }

  /** Deletes the files. It must not be used afterwards. */
  remove(): Promise<void> {
    return this.#files.remove();
  }
}
