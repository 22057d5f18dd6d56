import { layoutsOfSide } from '../kernels/parts/parted-layout.js';
import { MatrixProducts } from '../kernels/wasm/matrix-product.js';
import type { Side } from '../ratings/ratings.js';
import { writableSpans } from './factor-spans.js';
import { fillStartingFactors } from './fill-job.js';
import type { Job } from './job.js';
import { multiplyRows, plainGram, rowsOfSide } from './job-rows.js';
import type { Steps } from './steps.js';
import { symmetricEigen } from './symmetric-eigen.js';

/** A direction whose Σ⁸ is below this share of the largest one is rounding of float32. */
const smallestShare = 1e-12;

/**
 * Ends a start from the ratings: takes what the phases of kind `sketch` have made of random factors to
 * starting factors, generation 0 of both sides.
 *
 * Let C be the confidence times the target of every rated cell and 0 elsewhere, and W what all cells of a
 * user, or of an item, weigh: α₀ a cell, and c·|t| more if it is rated. If a cell weighed what its row and
 * its column weigh on average, the best factors would be the leading part of A = W^-½·C·W^-½ = UΣVᵀ, items
 * at Y = W^-½·V·Σ^½. Four phases make Z = W^-½·(AᵀA)²·Ω of random item factors W^-½·Ω: a randomized range
 * finder with one power iteration (Halko, Martinsson, Tropp 2011). Weights of items left aside, ZᵀZ has the
 * eigenvalues Σ⁸, and
 *
 *     ZᵀZ = QΛQᵀ   Y₀ = Z·Q·Λ^(-7/16)
 *
 * is about that Y, here scaled to rows of mean squared length 1. Users start at 0. Directions that the
 * ratings do not have start at random.
 *
 * @returns ZᵀZ, row-major rank × rank; if an element is not finite, nothing was written
 */
export function* finishSketch(job: Job): Steps<Float64Array> {
  const n = job.settings.row.rank;
  const [first, second] = job.layout.phaseOrder;
  const rows = rowsOfSide(job, second, 0);
  const products = new MatrixProducts(job.layout.kernel);
  const gram = yield* plainGram(products, rows, n);
  if (!gram.every(Number.isFinite)) return gram;

  const { values, vectors } = symmetricEigen(gram, n);
  const known = values.filter((value) => value > smallestShare * values[0]!).length;
  if (known > 0) {
    const roots = values.map((value) => Math.sqrt(Math.sqrt(Math.sqrt(Math.abs(value)))));
    const total = roots.slice(0, known).reduce((sum, root) => sum + root, 0);
    const scale = Math.sqrt(job.layout[second].rowCount / total);
    const basis = new Float64Array(n * n);
    for (let j = 0; j < known; j++) {
      const factor = scale * Math.sqrt(roots[j]! / values[j]!);
      for (let i = 0; i < n; i++) basis[i * n + j] = factor * vectors[j * n + i]!;
    }
    yield* multiplyRows(products, rows, basis, n);
    for (const { elements } of writableSpans(job, first, 0)) elements.fill(0);
  }
  fillDimensions(job, second, known);
  fillDimensions(job, first, known === 0 ? 0 : n);
  return gram;
}

/**
 * Writes generation 0 of a side from dimension `from` on, at random, and its biases, which are 0; the
 * dimensions before stay.
 */
function fillDimensions({ layout, ratings, settings }: Job, side: Side, from: number): void {
  const { positions } = side === 'user' ? ratings.users : ratings.items;
  let firstRow = 0;
  for (const part of layoutsOfSide(layout, side)) {
    const end = firstRow + part[side].rowCount;
    fillStartingFactors(part, positions.subarray(firstRow, end), side, settings, from);
    firstRow = end;
  }
}
