import type { SpillFile } from './spill-file.js';

/** Words of a page: 128 KiB. */
const pageWords = 2 ** 15;

/** Entries of a bucket, about: its records fit caches. Larger where there are very many. */
const bucketEntries = 2 ** 18;
const maxBuckets = 512;

/** Rows of a side, cut into ranges of about as many entries each. */
export interface BucketPlan {
  /** First rows of the buckets, and last the number of rows. */
  readonly starts: readonly number[];
  /** Bucket of every row. */
  readonly ofRow: Uint16Array;
}

/** Cuts rows into buckets, at least one. A bucket has at least one row, however long it is. */
export function planBuckets(counts: Uint32Array): BucketPlan {
  let total = 0;
  for (let row = 0; row < counts.length; row++) total += counts[row]!;
  const size = Math.max(bucketEntries, Math.ceil(total / maxBuckets));
  const starts = [0];
  const ofRow = new Uint16Array(counts.length);
  let entries = 0;
  for (let row = 0; row < counts.length; row++) {
    if (entries > 0 && entries + counts[row]! > size) {
      starts.push(row);
      entries = 0;
    }
    entries += counts[row]!;
    ofRow[row] = starts.length - 1;
  }
  return { starts: [...starts, counts.length], ofRow };
}

/**
 * Entries by bucket: whole records of some words each, the first of them the row. A record lies in a
 * page of its bucket; pages of all buckets lie in one file, in the order in which they were full.
 */
export class Buckets {
  readonly plan: BucketPlan;
  readonly #width: number;
  readonly #file: SpillFile;
  /** Words of a page that hold whole records. */
  readonly #pageWords: number;
  /** The open page of each bucket that has records, and how far it is filled. */
  readonly #open: (Uint32Array | undefined)[];
  readonly #filled: Uint32Array;
  /** Numbers of the full pages of each bucket. */
  readonly #full: number[][];
  #pages = 0;

  /** @param width words of a record */
  constructor(plan: BucketPlan, width: number, file: SpillFile) {
    const count = plan.starts.length - 1;
    this.plan = plan;
    this.#width = width;
    this.#file = file;
    this.#pageWords = Math.floor(pageWords / width) * width;
    this.#open = Array.from({ length: count }, () => undefined);
    this.#filled = new Uint32Array(count);
    this.#full = Array.from({ length: count }, () => []);
  }

  /** Adds records; copies them. */
  async append(records: Uint32Array): Promise<void> {
    for (let at = 0; at < records.length; ) {
      at = this.#fill(records, at);
      if (at < records.length) await this.#flush(this.plan.ofRow[records[at]!]!);
    }
  }

  /** The records of a bucket, in the order in which they came. Its open page goes. */
  async take(bucket: number): Promise<Uint32Array> {
    const open = (this.#open[bucket] ?? new Uint32Array(0)).subarray(0, this.#filled[bucket]!);
    const pages = this.#full[bucket]!;
    const records = new Uint32Array(pages.length * this.#pageWords + open.length);
    for (let at = 0; at < pages.length; at++) {
      const into = records.subarray(at * this.#pageWords, (at + 1) * this.#pageWords);
      await this.#file.read(pages[at]! * this.#pageWords * 4, into);
    }
    records.set(open, pages.length * this.#pageWords);
    this.#open[bucket] = undefined;
    return records;
  }

  remove(): Promise<void> {
    return this.#file.remove();
  }

  /** Adds records from `at` on, up to the first whose page is full. Returns where that is. */
  #fill(records: Uint32Array, at: number): number {
    const width = this.#width;
    const { ofRow } = this.plan;
    const filled = this.#filled;
    const room = this.#pageWords;
    let from = at;
    for (; from < records.length; from += width) {
      const bucket = ofRow[records[from]!]!;
      const to = filled[bucket]!;
      if (to === room) return from;
      const page = this.#open[bucket] ?? new Uint32Array(room);
      this.#open[bucket] = page;
      for (let word = 0; word < width; word++) page[to + word] = records[from + word]!;
      filled[bucket] = to + width;
    }
    return from;
  }

  async #flush(bucket: number): Promise<void> {
    await this.#file.append(this.#open[bucket]!);
    this.#full[bucket]!.push(this.#pages++);
    this.#filled[bucket] = 0;
  }
}
