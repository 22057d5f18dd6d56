import type { BlockSolver, Kernel } from '../../../src/kernels/kernel.js';
import { randomAt } from '../../../src/random.js';
import { ratingsFromColumns } from '../../../src/ratings/from-columns.js';
import type { Ratings, Side } from '../../../src/ratings/ratings.js';
import { allocateSparseRows, transpose } from '../../../src/ratings/sparse-rows.js';
import { factorSpans, joinSpans } from '../../../src/training/factor-spans.js';
import { createJob, type Job, type JobInput, type WholeJob } from '../../../src/training/job.js';
import type { JobOptions } from '../../../src/training/options.js';
import { settingsAsInPaper } from './as-in-paper.js';

export interface Shape {
  readonly users: number;
  readonly items: number;
  /** Share of the cells that is rated, 0 to 1. */
  readonly density: number;
  readonly seed?: number;
}

/** Ratings 1 … 5 in random cells. */
export function randomRatings({ users, items, density, seed = 1 }: Shape): Ratings {
  const cells: [number, number, number][] = [];
  for (let user = 0; user < users; user++) {
    for (let item = 0; item < items; item++) {
      if (randomAt(seed, user, 2 * item) >= density) continue;
      cells.push([user, item, 1 + Math.floor(5 * randomAt(seed, user, 2 * item + 1))]);
    }
  }
  return ratingsOf(cells, users, items);
}

/** Ratings from [user, item, rating] triples. */
export function ratingsOf(
  cells: readonly (readonly [number, number, number])[],
  userCount: number,
  itemCount: number,
): Ratings {
  return ratingsFromColumns({
    users: cells.map(([user]) => user),
    items: cells.map(([, item]) => item),
    ratings: cells.map(([, , rating]) => rating),
    userCount,
    itemCount,
  });
}

/** Further ratings of the same users and items, to validate against. */
export function withhold(
  ratings: Ratings,
  cells: readonly (readonly [number, number, number])[],
): Ratings {
  const { arena, byUser, users, items } = ratings;
  const shape = { rowCount: byUser.rowCount, columnCount: byUser.columnCount, count: cells.length };
  const rows = allocateSparseRows(arena, shape);
  const inside = cells.map(([user, item, rating]) => ({
    row: users.positions.indexOf(user),
    column: items.positions.indexOf(item),
    rating,
  }));
  inside.sort((a, b) => a.row - b.row || a.column - b.column);
  for (const [at, { row, column, rating }] of inside.entries()) {
    rows.columns[at] = column;
    rows.ratings[at] = rating;
    for (let later = row + 1; later <= shape.rowCount; later++) rows.offsets[later]!++;
  }
  return { ...ratings, byUser: rows, byItem: transpose(rows, arena) };
}

/** A job ready to run in this thread. */
export function openJob(
  kernel: Kernel,
  ratings: Ratings,
  options: JobOptions,
  more: Partial<Pick<JobInput, 'heldOut' | 'phaseOrder'>> = {},
): { job: WholeJob; solver: BlockSolver } {
  const settings = settingsAsInPaper(options);
  const job = createJob({ kernel, ratings, settings, slots: 1, ...more });
  return { job, solver: kernel.open(job.layout) };
}

/** Factors of a generation without padding, rows by position. */
export function factorsOf(job: Job, side: Side, generation: number): number[][] {
  const { rank, stride } = job.layout;
  const view = joinSpans(factorSpans(job, side, generation));
  const { positions } = side === 'user' ? job.ratings.users : job.ratings.items;
  const rows: number[][] = new Array(positions.length);
  for (let row = 0; row < positions.length; row++) {
    rows[positions[row]!] = Array.from(view.subarray(row * stride, row * stride + rank));
  }
  return rows;
}

/** ‖actual − expected‖ / ‖expected‖ over all elements; ‖actual‖ when nothing but zero is expected. */
export function relativeError(
  actual: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
): number {
  let difference = 0;
  let size = 0;
  for (const [row, wanted] of expected.entries()) {
    for (const [i, element] of wanted.entries()) {
      difference += (actual[row]![i]! - element) ** 2;
      size += element ** 2;
    }
  }
  return Math.sqrt(difference) / (size > 0 ? Math.sqrt(size) : 1);
}
