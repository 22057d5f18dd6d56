import { kernelSource } from './kernel-source.js';
import { rowAndColumn } from './solve-sources.js';

/** residual / M; one thread an element. */
export const preconditioned = kernelSource(
  'preconditioned',
  ['residuals', 'shares', 'gram', 'largest', 'stride', 'smallestShare'],
  `${rowAndColumn}
    const own = shares[row] * gram[column][column] / largest + 1 - shares[row];
    return residuals[row][column] / Math.max(own, smallestShare);`,
);

/** v·w of every row; one thread a row. */
export const dotProducts = kernelSource(
  'dotProducts',
  ['vectors', 'others', 'stride'],
  `
    const row = this.thread.x;
    let product = 0;
    for (let i = 0; i < stride; i++) { product += vectors[row][i] * others[row][i]; }
    return product;`,
);

/** A row has converged when its squared residual is below this share of the first one. */
export const convergedShare = 1e-20;

/** As in assembly/conjugate-gradient.ts: a direction flatter than this share, times rank, is not seen. */
export const flatShare = 16 * 3.6e-15;

/** Curvature of every row's first direction over its squared length, pᵀMp; one thread a row. */
export const steepnesses = kernelSource(
  'steepnesses',
  ['directions', 'Ap', 'rsold', 'stride'],
  `
    const row = this.thread.x;
    let curvature = 0;
    for (let i = 0; i < stride; i++) { curvature += directions[row][i] * Ap[row][i]; }
    let steepness = 0;
    if (rsold[row] > 0) { steepness = curvature / rsold[row]; }
    return steepness;`,
);

/**
 * The step of a row along its direction p: residualᵀM⁻¹residual / pᵀ·Ap. 0 if the residual has vanished
 * or the curvature is rounding error, against that of the first direction; the row stays where it is
 * from then on. One thread a row.
 */
export const alphas = kernelSource(
  'alphas',
  [
    'directions',
    'Ap',
    'rsold',
    'firstSquares',
    'steepnesses',
    'shares',
    'gram',
    'largest',
    'stride',
    'smallestShare',
    'convergedShare',
    'flatShare',
  ],
  `
    const row = this.thread.x;
    let curvature = 0;
    let extent = 0;
    for (let i = 0; i < stride; i++) {
      curvature += directions[row][i] * Ap[row][i];
      const own = shares[row] * gram[i][i] / largest + 1 - shares[row];
      extent += Math.max(own, smallestShare) * directions[row][i] * directions[row][i];
    }
    let alpha = 0;
    if (curvature > flatShare * stride * steepnesses[row] * extent) {
      if (rsold[row] > convergedShare * firstSquares[row]) { alpha = rsold[row] / curvature; }
    }
    return alpha;`,
);

/** v + factor·alpha·w; one thread an element. */
export const moved = kernelSource(
  'moved',
  ['vectors', 'ways', 'alphas', 'stride', 'factor'],
  `${rowAndColumn}
    return vectors[row][column] + factor * alphas[row] * ways[row][column];`,
);

/** The next direction, M⁻¹residual + beta·p with beta = rsnew / rsold; one thread an element. */
export const nextDirections = kernelSource(
  'nextDirections',
  ['preconditioned', 'directions', 'alphas', 'rsnew', 'rsold', 'stride'],
  `${rowAndColumn}
    let element = 0;
    if (alphas[row] > 0) {
      element = preconditioned[row][column];
      element += rsnew[row] / rsold[row] * directions[row][column];
    }
    return element;`,
);

/** Elements of a preconditioner below this one are raised to it. */
export const smallestShare = 2 ** -20;
