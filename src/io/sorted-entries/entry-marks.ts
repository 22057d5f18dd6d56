import type { DescribedRatings, EntriesByUser } from '../../ratings/described-ratings.js';
import type { TimedRows } from '../../ratings/merge-duplicates.js';
import { takeMarked } from '../../ratings/split/take-entries.js';
import { KeptFiles } from './kept-files.js';
import type { SpillFile } from './spill-file.js';

/** A mark for every entry of some ratings by user, on disk as they are. */
export class EntryMarks {
  readonly #file: SpillFile = KeptFiles.of(this).file('marks');
  readonly #entries: EntriesByUser;
  readonly #offsets: Uint32Array;

  constructor({ byUser, described }: DescribedRatings) {
    this.#entries = described.entries;
    this.#offsets = byUser.offsets;
  }

  /** Adds marks of the next entries. */
  append(marks: Uint8Array): Promise<void> {
    return this.#file.append(marks);
  }

  /** The entries whose mark is one that `isTaken` takes. All must have been marked. */
  take(isTaken: (mark: number) => boolean): EntriesByUser {
    return {
      each: (onRows, signal) =>
        this.each(
          (entries, marks, first) => onRows(takeMarked(entries, marks, isTaken), first),
          signal,
        ),
      rows: (from, end) => {
        const rows = this.#entries.rows(from, end);
        const marks = new Uint8Array(rows.columns.length);
        this.#file.readSync(this.#offsets[from]!, marks);
        return takeMarked({ rows, timestamps: undefined }, marks, isTaken).rows;
      },
    };
  }

  /** All entries with their marks. */
  each(
    onRows: (entries: TimedRows, marks: Uint8Array, first: number) => void | Promise<void>,
    signal?: AbortSignal,
  ): Promise<void> {
    let at = 0;
    return this.#entries.each(async (entries, first) => {
      const marks = new Uint8Array(entries.rows.columns.length);
      await this.#file.read(at, marks);
      at += marks.length;
      await onRows(entries, marks, first);
    }, signal);
  }
}
