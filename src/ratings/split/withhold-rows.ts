import { InvalidOptionError } from '../../errors.js';
import { randomAt } from '../../random.js';
import type { SparseRows } from '../sparse-rows.js';
import { holdOut } from './hold-out.js';
import type { HoldoutOptions } from './holdout-options.js';
import { markRandom } from './mark-random.js';

/** What is withheld of ratings that are only described: plain data. */
export interface Withheld {
  /** Share of each user's n ratings: round(n · fraction). */
  readonly fraction?: number | undefined;
  /** Number of each user's. One of the two is set. */
  readonly perUser?: number | undefined;
  readonly seed: number;
}

/** Users, about, whose ratings are kept to measure on; all of fewer. */
const measuredUsers = 50_000;

/** No user has this position, so that the numbers have nothing to do with those of entries. */
const drawStream = 2 ** 32 - 2;

/**
 * Options of `holdOut` for ratings that are only described. Throws `InvalidOptionError` for wrong
 * ones, and for ways of withholding that need the ratings here.
 */
export function withheldOf(options: HoldoutOptions): Withheld {
  holdOut(options);
  const { fraction = 0.1, perUser, seed = 42 } = options;
  for (const name of ['last', 'users', 'after'] as const) {
    if (options[name] === undefined) continue;
    throw new InvalidOptionError(
      name,
      `found ${name} for ratings with readBy: 'workers'; expected fraction or perUser, which need no ` +
        'timestamps and leave no user out; try one of them, or a source without readBy',
    );
  }
  return perUser === undefined ? { fraction, seed } : { perUser, seed };
}

/** Rows to train on, and what is withheld of each. In memory of their own. */
export interface WithheldRows {
  readonly train: SparseRows;
  readonly test: SparseRows;
}

/**
 * What splits rows of users as `holdOut` splits whole ratings: takes the rows and the position of the
 * first user. Columns are positions of items.
 */
export function rowSplitter(
  { fraction = 0, perUser, seed }: Withheld,
  itemCount: number,
): (rows: SparseRows, first: number) => WithheldRows {
  const items = { positions: Uint32Array.from({ length: itemCount }, (_, item) => item) };
  const countOf = (count: number) => perUser ?? Math.round(count * fraction);
  return (rows, first) => {
    const positions = Uint32Array.from({ length: rows.rowCount }, (_, row) => first + row);
    const marks = markRandom({ byUser: rows, users: { positions }, items }, countOf, seed);
    return { train: takeMarked(rows, marks, 0), test: takeMarked(rows, marks, 1) };
  };
}

/** Whether a user, by position, is one of those to measure on. */
export function isMeasured(user: number, userCount: number, { seed }: Withheld): boolean {
  return userCount <= measuredUsers || randomAt(seed, drawStream, user) < measuredUsers / userCount;
}

function takeMarked(rows: SparseRows, marks: Uint8Array, mark: number): SparseRows {
  const { rowCount, columnCount, offsets } = rows;
  let count = 0;
  for (let at = 0; at < marks.length; at++) if (marks[at] === mark) count++;
  const taken = {
    ...{ rowCount, columnCount, offsets: new Uint32Array(rowCount + 1) },
    columns: new Uint32Array(count),
    ratings: new Float32Array(count),
  };
  let to = 0;
  for (let row = 0; row < rowCount; row++) {
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      if (marks[at] !== mark) continue;
      taken.columns[to] = rows.columns[at]!;
      taken.ratings[to++] = rows.ratings[at]!;
    }
    taken.offsets[row + 1] = to;
  }
  return taken;
}
