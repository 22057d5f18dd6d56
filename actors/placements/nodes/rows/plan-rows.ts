import type { RowSelection } from '../protocol/row-selection.js';

/** What a node wants of a stretch of rows. */
export interface RowWish {
  readonly wanted: RowSelection;
  /** The rows that it has, or is being sent. */
  readonly held: RowSelection;
}

/** Rows that go to some nodes. */
export interface RowShipment {
  /** Indices of the wishes. */
  readonly to: readonly number[];
  /** Whether one message goes to every node of the job, wanted or not. */
  readonly isForAll: boolean;
  /** A bit for each row, lowest first; all rows if left out. */
  readonly chosen?: Uint8Array;
}

/**
 * Rows that more than half of the nodes want are published once to all, and copied by the server;
 * the others go to each node that wants them. This puts the fewest bytes through the server: a row
 * for m of n nodes comes in and goes out m times, or comes in once and goes out n times.
 */
export function isHot(wishes: number, nodes: number): boolean {
  return wishes >= 2 && 2 * wishes >= nodes + 1;
}

/**
 * Plans which rows go where, so that every wish is met.
 *
 * @param count rows of the stretch
 * @param readers gives the selection of every row's readers; called only if a node wants some rows
 * @param nodes how many the job has
 */
export function planRows(
  wishes: readonly RowWish[],
  count: number,
  readers: () => Uint32Array,
  nodes: number,
): RowShipment[] {
  const whole: number[] = [];
  const some: { readonly at: number; readonly wanted: number; readonly held: number }[] = [];
  for (const [at, { wanted, held }] of wishes.entries()) {
    if (held === 'all') continue;
    if (wanted === 'all') whole.push(at);
    else if ((wanted & ~held) !== 0) some.push({ at, wanted, held });
  }
  const shipments: RowShipment[] = isHot(whole.length, nodes)
    ? [{ to: whole, isForAll: true }]
    : whole.map((at) => ({ to: [at], isForAll: false }));
  if (some.length === 0) return shipments;

  const hot = new Bits(count);
  const tails = some.map(() => new Bits(count));
  const wantHot = new Set<number>();
  for (const [row, blocks] of readers().entries()) {
    const wanting = some.filter(({ wanted, held }) => (blocks & wanted) !== 0 && !(blocks & held));
    if (isHot(wanting.length, nodes)) {
      hot.add(row);
      for (const { at } of wanting) wantHot.add(at);
    } else {
      for (const wish of wanting) tails[some.indexOf(wish)]!.add(row);
    }
  }
  if (hot.count > 0) shipments.push({ to: [...wantHot], isForAll: true, ...hot.chosen });
  for (const [n, { at }] of some.entries()) {
    const tail = tails[n]!;
    if (tail.count > 0) shipments.push({ to: [at], isForAll: false, ...tail.chosen });
  }
  return shipments;
}

/** Bits for rows. */
class Bits {
  readonly #size: number;
  readonly #bits: Uint8Array;
  count = 0;

  constructor(size: number) {
    this.#size = size;
    this.#bits = new Uint8Array(Math.ceil(size / 8));
  }

  add(row: number): void {
    this.#bits[row >> 3]! |= 1 << (row & 7);
    this.count++;
  }

  /** Nothing if all are set. */
  get chosen(): { readonly chosen?: Uint8Array } {
    return this.count === this.#size ? {} : { chosen: this.#bits };
  }
}
