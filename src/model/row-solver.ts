import { NumericalError, SingularSystemError } from '../errors.js';
import { normalEquations, weigh } from '../kernels/reference/normal-equations.js';
import {
  pinCoordinate,
  solveCholesky,
  solveNonnegative,
} from '../kernels/reference/reference-solvers.js';
import { largestOf } from '../ratings/largest-of.js';
import type { Side } from '../ratings/ratings.js';
import { opposite } from '../ratings/ratings.js';
import { biasCoordinate, coordinateCount, pinnedCoordinate } from '../training/biased-rows.js';
import { likelyCauses } from '../training/likely-causes.js';
import { regularizerOf } from '../training/regularizer.js';
import { weightingOf } from '../training/weighting.js';
import type { SolvedRow } from './folded-row.js';
import type { ModelSettings } from './model-settings.js';
import type { ModelRows } from './ranking/scoring-rows.js';
import type { RowEntries } from './row-entries.js';

/** The fixed side of a model, and the objective. */
export interface FixedSide extends ModelRows {
  /** Which side is fixed; rows of the other are solved. */
  readonly side: Side;
  readonly rowCount: number;
  /** YᵀY of the factors in float64, rank × rank. Called only if unobserved cells count. */
  readonly gram: () => Float64Array;
  readonly globalMean: number;
  readonly settings: ModelSettings;
}

/**
 * The row that minimises the objective with the other side fixed, as in an exact phase of training,
 * by the reference kernel's normal equations and solvers. All zero without ratings. Costs ratings ×
 * rank² + rank³ operations.
 *
 * Throws `SingularSystemError`, as `cholesky` does, or `NumericalError`.
 */
export function solveRow(fixed: FixedSide, entries: RowEntries): SolvedRow {
  const { rank } = fixed.settings;
  if (entries.positions.length === 0) return { factors: new Float64Array(rank), bias: 0 };
  const x = solveSystem(rowSystem(fixed, entries), fixed);
  checkFactors(x, fixed, entries.ratings);
  const bias = fixed.settings.biases ? x[biasCoordinate(opposite(fixed.side), rank)]! : 0;
  return { factors: x.slice(0, rank), bias };
}

/**
 * How much each rating of a row adds to its exact score for one row of the fixed side. With the
 * solution x = A⁻¹b, and b = Σ c·t·y over the ratings, the score y'·x is the sum of c·t·(y'ᵀA⁻¹y):
 * Hu, Koren, Volinsky 2008, section 5. With biases t is what μ and the bias of the rated row leave
 * of the rating. With `nonnegative` A is cut to the coordinates of x above 0, which x solves.
 *
 * @param position of the fixed row
 * @returns one number for each entry
 */
export function contributionsTo(
  fixed: FixedSide,
  entries: RowEntries,
  position: number,
): Float64Array {
  const { settings } = fixed;
  if (entries.positions.length === 0) return new Float64Array(0);
  const system = rowSystem(fixed, entries);
  const { a, rows } = system;
  const pinned = pinnedOf(fixed);
  const toward = gatherRows(fixed, Uint32Array.of(position));
  if (pinned !== undefined) toward[pinned] = 0;
  if (settings.nonnegative) {
    for (const [k, element] of solveSystem(system, fixed).entries()) {
      if (element === 0) cutCoordinate(a, toward, k);
    }
  }
  const width = toward.length;
  const direction = new Float64Array(width);
  if (!solveCholesky(a, toward, direction)) throw new SingularSystemError(opposite(fixed.side));
  const weighting = weightingOf(settings, fixed.globalMean);
  return Float64Array.from(entries.ratings, (rating, entry) => {
    const row = rows.subarray(entry * width, (entry + 1) * width);
    const { confidence, target } = weigh(weighting, rating);
    const bias = pinned === undefined ? 0 : row[pinned]!;
    return confidence * (target - bias) * row.reduce((sum, y, k) => sum + y * direction[k]!, 0);
  });
}

/** The equations of a row, and the fixed rows that it rated, ratings × width. */
interface RowSystem {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly rows: Float64Array;
}

function rowSystem(fixed: FixedSide, { positions, ratings }: RowEntries): RowSystem {
  const { settings, rowCount } = fixed;
  const rank = coordinateCount(settings);
  const rows = gatherRows(fixed, positions);
  const weighting = weightingOf(settings, fixed.globalMean);
  // Models with biases are explicit, so the Gram matrix never has more than `rank` coordinates.
  const gram = weighting.unobservedWeight === 0 ? new Float64Array(rank * rank) : fixed.gram();
  const offsets = Uint32Array.of(0, positions.length);
  const columns = Uint32Array.from(positions.keys());
  const regularizers = Float64Array.of(regularizerOf(settings, positions.length, rowCount));
  const solved = { ratings: { offsets, columns, ratings }, regularizers };
  const { a, b } = normalEquations(gram, solved, rows, 0, { rank, weighting });
  const pinned = pinnedOf(fixed);
  if (pinned !== undefined) pinCoordinate(a, b, pinned);
  return { a, b, rows };
}

/** Throws `NumericalError` if a factor of a solved row is beyond float32, in which models keep them. */
export function checkFactors(
  factors: Float32Array | Float64Array,
  { side, settings }: FixedSide,
  ratings: ArrayLike<number>,
): void {
  if (factors.every((factor) => Number.isFinite(Math.fround(factor)))) return;
  const causes = likelyCauses({ ...settings, largestRating: largestOf(ratings) });
  throw new NumericalError(opposite(side), 'factors that are not finite', { causes });
}

/** Leaves the system as it is. */
function solveSystem({ a, b }: RowSystem, { side, settings }: FixedSide): Float64Array {
  const x = new Float64Array(b.length);
  if (settings.nonnegative) solveNonnegative(a, b, x);
  else if (!solveCholesky(a.slice(), b, x)) throw new SingularSystemError(opposite(side));
  return x;
}

/** The fixed rows at these positions as a job lays them out, in float64. */
function gatherRows(fixed: FixedSide, positions: Uint32Array): Float64Array {
  const width = coordinateCount(fixed.settings);
  const rows = new Float64Array(positions.length * width);
  for (const [row, position] of positions.entries()) layRow(rows, row * width, fixed, position);
  return rows;
}

/** Writes the fixed row at a position as a job lays it out; padding is not touched. */
export function layRow(
  out: Float32Array | Float64Array,
  at: number,
  { side, factors, biases, settings: { rank } }: FixedSide,
  position: number,
): void {
  out.set(factors.subarray(position * rank, (position + 1) * rank), at);
  if (biases === undefined) return;
  out[at + biasCoordinate(side, rank)] = biases[position]!;
  out[at + pinnedCoordinate(side, rank)] = 1;
}

/** The coordinate of the solved rows that stays 1. */
function pinnedOf({ side, settings }: FixedSide): number | undefined {
  return settings.biases ? pinnedCoordinate(opposite(side), settings.rank) : undefined;
}

/** Makes x_k = 0 an equation of its own. */
function cutCoordinate(a: Float64Array, b: Float64Array, k: number): void {
  const n = b.length;
  for (let i = 0; i < n; i++) {
    a[i * n + k] = 0;
    a[k * n + i] = 0;
  }
  a[k * n + k] = 1;
  b[k] = 0;
}
