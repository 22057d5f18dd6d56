import { InvalidOptionError } from '../../src/errors.js';
import { DegreeCurve, type RowStep } from './degree-curve.js';

/** The same as in `synthetic`: standard deviation of the logarithm of a user's rating count. */
const userSpread = 1.2;
/** The same as in `synthetic`: the n-th most popular item weighs (1 + 100·n/items)⁻². */
const itemFall = 100;

/** Steps of the first rows are of one row each, later ones of this share of the rows before. */
const singleRows = 64;
const stepShare = 0.02;

/** Sizes of made-up ratings whose rows are as long as those of `synthetic`, without making them. */
export interface DegreeOptions {
  readonly users: number;
  readonly items: number;
  readonly ratings: number;
  /** Ratings of the most popular item, where it is more popular than `synthetic`'s. */
  readonly longestItemRow?: number | undefined;
}

/** Log-normal rating counts of users, at least 1 and at most half of the items. */
export function userCurve({ users, items, ratings }: DegreeOptions): DegreeCurve {
  const most = Math.max(1, Math.ceil((items * (1 + ratings / (users * items))) / 2));
  const least = ratings >= users ? 1 : 0;
  const weights = normalSteps(users).map(({ rows, z }) => ({
    rows,
    weight: Math.exp(userSpread * z),
  }));
  const lengthsBy = (scale: number) =>
    weights.map(({ rows, weight }) => ({
      rows,
      length: Math.min(most, Math.max(least, scale * weight)),
    }));
  return new DegreeCurve(scaledTo(ratings, lengthsBy));
}

/** Rating counts of items that fall off as a power law, at most one of every user. */
export function itemCurve({ users, items, ratings, longestItemRow }: DegreeOptions): DegreeCurve {
  const fall = longestItemRow === undefined ? itemFall : fallFor(longestItemRow, items, ratings);
  // ∫ (1 + fall·n/items)⁻² dn from 0, up to a factor.
  const upTo = (row: number) => row / (1 + (fall * row) / items);
  const whole = upTo(items);
  const weights = stepBounds(items).map(([first, end]) => ({
    rows: end - first,
    weight: (upTo(end) - upTo(first)) / whole / (end - first),
  }));
  const lengthsBy = (scale: number) =>
    weights.map(({ rows, weight }) => ({ rows, length: Math.min(users, scale * weight) }));
  return new DegreeCurve(scaledTo(ratings, lengthsBy));
}

/** How steeply items fall off if the first has `longest` of all ratings. */
function fallFor(longest: number, items: number, ratings: number): number {
  // The first row's share is (1 + fall/items)⁻¹·(1 + fall)/items.
  const share = longest / ratings;
  const fall = (share * items - 1) / (1 - share);
  if (!(fall > 0)) {
    throw new InvalidOptionError(
      'longestItemRow',
      `found longestItemRow ${longest}; expected more than the mean of ${ratings / items} and less ` +
        `than all ${ratings} ratings`,
    );
  }
  return fall;
}

/** First row and end of each step of `rows` rows. */
function stepBounds(rows: number): [first: number, end: number][] {
  const bounds: [number, number][] = [];
  for (let first = 0; first < rows; ) {
    const size = first < singleRows ? 1 : Math.ceil(first * stepShare);
    const end = Math.min(rows, first + size);
    bounds.push([first, end]);
    first = end;
  }
  return bounds;
}

/** Rows by their place in a normal distribution, from the top; z is of the middle of a step. */
function normalSteps(rows: number): { readonly rows: number; readonly z: number }[] {
  const [top, step] = [8, 0.002];
  const bounds = stepBounds(rows);
  const steps: { rows: number; z: number }[] = [];
  let [z, below] = [top, 0];
  for (const [first, end] of bounds) {
    const middle = (first + end) / 2 / rows;
    while (below < middle && z > -top) {
      below += (step * Math.exp(-(z ** 2) / 2)) / Math.sqrt(2 * Math.PI);
      z -= step;
    }
    steps.push({ rows: end - first, z });
  }
  return steps;
}

/** The steps by the scale at which their lengths add up to `entries`. */
function scaledTo(entries: number, lengthsBy: (scale: number) => readonly RowStep[]) {
  const sumOf = (scale: number) =>
    lengthsBy(scale).reduce((sum, { rows, length }) => sum + rows * length, 0);
  let [low, high] = [0, 1];
  while (sumOf(high) < entries) high *= 2;
  for (let turn = 0; turn < 60; turn++) {
    const middle = (low + high) / 2;
    if (sumOf(middle) < entries) low = middle;
    else high = middle;
  }
  return lengthsBy(high);
}
