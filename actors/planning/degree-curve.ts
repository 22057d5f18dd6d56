import type { RunningLengths } from '../../src/ratings/blocks.js';

/** Rows that are as long as each other. */
export interface RowStep {
  readonly rows: number;
  /** Ratings of each of them on average. */
  readonly length: number;
}

/**
 * How many ratings the rows of a side have, the longest rows first, as steps of rows that count as
 * equal: a few thousand numbers for any number of rows. Rows of a job are numbered in this order.
 */
export class DegreeCurve implements RunningLengths {
  readonly rowCount: number;
  readonly entries: number;
  readonly #lengths: Float64Array;
  /** By step and one more: its first row, and the ratings before it. */
  readonly #firsts: Float64Array;
  readonly #before: Float64Array;
  /** By step and one more: the rows with ratings before it. */
  readonly #rated: Float64Array;

  /** @param steps longest rows first */
  constructor(steps: readonly RowStep[]) {
    this.#lengths = Float64Array.from(steps, ({ length }) => length);
    this.#firsts = new Float64Array(steps.length + 1);
    this.#before = new Float64Array(steps.length + 1);
    this.#rated = new Float64Array(steps.length + 1);
    for (const [at, { rows, length }] of steps.entries()) {
      this.#firsts[at + 1] = this.#firsts[at]! + rows;
      this.#before[at + 1] = this.#before[at]! + rows * length;
      this.#rated[at + 1] = this.#rated[at]! + rows * Math.min(1, length);
    }
    this.rowCount = this.#firsts[steps.length]!;
    this.entries = this.#before[steps.length]!;
  }

  /** Ratings of the longest row. */
  get longest(): number {
    return this.#lengths[0] ?? 0;
  }

  entriesBefore(row: number): number {
    const at = this.#stepOf(row);
    return this.#before[at]! + (row - this.#firsts[at]!) * (this.#lengths[at] ?? 0);
  }

  /** How many rows before `row` have ratings; of rows with less than one on average, that share. */
  ratedBefore(row: number): number {
    const at = this.#stepOf(row);
    return this.#rated[at]! + (row - this.#firsts[at]!) * Math.min(1, this.#lengths[at] ?? 0);
  }

  /** The steps of rows `first` … `end` − 1, cut at both ends. */
  *stepsBetween(first: number, end: number): Generator<RowStep, void> {
    for (let at = this.#stepOf(first); at < this.#lengths.length; at++) {
      const from = Math.max(first, this.#firsts[at]!);
      const to = Math.min(end, this.#firsts[at + 1]!);
      if (from >= end) return;
      if (to > from) yield { rows: to - from, length: this.#lengths[at]! };
    }
  }

  /** All steps, longest rows first. */
  steps(): Generator<RowStep, void> {
    return this.stepsBetween(0, this.rowCount);
  }

  /**
   * How many rows a share of all ratings names, if it is a random one: Σ 1 − (1 − share)^length. What
   * people like together lowers it.
   */
  neededRows(share: number): number {
    let sum = 0;
    for (const { rows, length } of this.steps()) sum += rows * chanceOfOne(share, length);
    return sum;
  }

  /** The step that holds a row; one more than the last for `rowCount`. */
  #stepOf(row: number): number {
    let [low, high] = [0, this.#lengths.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#firsts[middle + 1]! > row) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** The chance that a random share of all ratings holds at least one of a row of `length`. */
export function chanceOfOne(share: number, length: number): number {
  return share >= 1 ? Math.min(1, length) : -Math.expm1(length * Math.log1p(-share));
}

/** The curve of rows in memory, exactly. */
export function curveOfRows(rows: RunningLengths): DegreeCurve {
  const counts = new Map<number, number>();
  for (let row = 0; row < rows.rowCount; row++) {
    const length = rows.entriesBefore(row + 1) - rows.entriesBefore(row);
    counts.set(length, (counts.get(length) ?? 0) + 1);
  }
  const lengths = [...counts].sort(([a], [b]) => b - a);
  return new DegreeCurve(lengths.map(([length, rows]) => ({ rows, length })));
}
