import type { Arena } from '../arena.js';
import {
  type DescribedRatings,
  describedRatings,
  type RatingsDescription,
} from '../ratings/described-ratings.js';
import { fingerprintOutline } from '../ratings/fingerprint.js';
import { largestOf } from '../ratings/largest-of.js';
import type { RatingsOutline } from '../ratings/ratings.js';
import type { RowLengths, SparseRows } from '../ratings/sparse-rows.js';
import { TimesDetector } from '../ratings/times-detector.js';
import type { Database } from './database.js';
import { EntriesDigest } from './sorted-entries/entries-digest.js';

/** What training must know of ratings that pass by in the order of the users. */
export class RowsSummary {
  readonly byUser: RowLengths;
  readonly byItem: RowLengths;
  readonly #itemSums: Float64Array;
  readonly #digest = new EntriesDigest();
  readonly #times: TimesDetector;
  #count = 0;
  #sum = 0;
  #negative: number | undefined;
  #largest = 0;

  /** @param count of the ratings, at most */
  constructor(arena: Arena, users: number, items: number, count: number) {
    this.byUser = emptyRows(arena, users, items);
    this.byItem = emptyRows(arena, items, users);
    this.#itemSums = new Float64Array(items);
    this.#times = new TimesDetector(count);
  }

  /** Adds rows of users from `first` on. */
  add(first: number, rows: SparseRows): void {
    const { offsets, columns, ratings, rowCount } = rows;
    for (let row = 0; row < rowCount; row++) {
      this.byUser.offsets[first + row + 1] = offsets[row + 1]! - offsets[row]!;
    }
    const counts = this.byItem.offsets;
    const sums = this.#itemSums;
    let sum = this.#sum;
    for (let at = 0; at < columns.length; at++) {
      counts[columns[at]! + 1]!++;
      sums[columns[at]!]! += ratings[at]!;
      sum += ratings[at]!;
    }
    this.#sum = sum;
    this.#count += columns.length;
    this.#negative ??= ratings.find((rating) => rating < 0);
    this.#largest = Math.max(this.#largest, largestOf(ratings));
    this.#times.add(ratings);
    this.#digest.add(rows);
  }

  /** What `EntriesDigest` gives. */
  digest(database: Database): Promise<string> {
    return this.#digest.value(database);
  }

  /** The description. All rows must have been added; nothing must be added later. */
  async describe(
    others: Omit<RatingsOutline, 'byUser' | 'byItem'>,
    known: Pick<RatingsDescription, 'source' | 'entries' | 'isPart'>,
  ): Promise<DescribedRatings> {
    for (const { offsets, rowCount } of [this.byUser, this.byItem]) {
      for (let row = 0; row < rowCount; row++) offsets[row + 1]! += offsets[row]!;
    }
    const outline: RatingsOutline = { ...others, byUser: this.byUser, byItem: this.byItem };
    const { columns, ratings } = this.#digest.entries();
    return describedRatings(outline, {
      ...known,
      fingerprint: await fingerprintOutline(outline, columns, ratings),
      mean: this.#sum / this.#count,
      itemSums: this.#itemSums,
      negative: this.#negative,
      largest: this.#largest,
      times: this.#times.found(),
    });
  }
}

function emptyRows(arena: Arena, rowCount: number, columnCount: number): RowLengths {
  return { rowCount, columnCount, offsets: arena.uint32(rowCount + 1) };
}
