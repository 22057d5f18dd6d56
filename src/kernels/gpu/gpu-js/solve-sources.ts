import { divide, kernelSource } from './kernel-source.js';

/*
 * The steps of conjugate gradient, as in assembly/conjugate-gradient.ts, for the rows of a span of a
 * shard (see shards.ts). Each is a kernel of its own, because a thread of gpu.js writes one number.
 *
 *     row      0-based within the span; `firstRow` is the span's first row within its shard,
 *              `firstSideRow` within its side
 *     entry    a rating of the shard; `firstEntry` is the span's first
 *     vectors  a row of `stride` elements for every row of the span, like `rows`, `directions`,
 *              `residuals` and `Ap`; padding is zero
 *     pinned   the coordinate that is not solved for, or −1
 */

export const rowAndColumn = divide('this.thread.x', 'stride', {
  quotient: 'row',
  remainder: 'column',
});

/** Rows to start from: the last value; without ratings zero but for what is pinned. */
export const startRows = kernelSource(
  'startRows',
  ['factors', 'offsets', 'firstRow', 'firstSideRow', 'stride', 'pinned'],
  `${rowAndColumn}
    let element = 0;
    if (offsets[row + firstRow + 1] > offsets[row + firstRow]) {
      element = factors[row + firstSideRow][column];
    } else {
      if (column === pinned) { element = 1; }
    }
    return element;`,
);

/**
 * For every entry e·(y·v) − bias·c·t, with e, c and t of `Weighting`; one thread an entry. A matrix
 * product of these numbers with the neighbours y is what the ratings add to A·v − bias·b. With
 * alpha, share and bias 0 it is the prediction y·v.
 *
 * `rowShift` leads from a row of the shard to its vector; `implicit` is 1 or 0.
 */
export const coefficients = kernelSource(
  'coefficients',
  [
    'vectors',
    'fixed',
    'entryRows',
    'columns',
    'ratings',
    'firstEntry',
    'rowShift',
    'stride',
    'alpha',
    'share',
    'implicit',
    'offset',
    'bias',
  ],
  `
    const entry = this.thread.x + firstEntry;
    const row = entryRows[entry] + rowShift;
    const column = columns[entry];
    let product = 0;
    for (let i = 0; i < stride; i++) { product += vectors[row][i] * fixed[column][i]; }
    const rating = ratings[entry];
    let preference = 0;
    if (rating > 0) { preference = 1; }
    const confidence = 1 + alpha * rating;
    const target = implicit * preference + (1 - implicit) * (rating - offset);
    return (confidence - share) * product - bias * confidence * target;`,
);

/** Ratings that are summed before their sum joins the row's: float32 loses less in two steps. */
const entryTile = 64;

/**
 * sign·(u·gram·v + λv + Σ coefficient·y), and 0 where pinned: with `coefficients` of bias 1 the
 * gradient A·v − b, with bias 0 the product A·v. One thread an element. `gramLength` is the stride, or
 * 0 to leave the Gram matrix out when u is 0.
 */
export const applySystem = kernelSource(
  'applySystem',
  [
    'vectors',
    'coefficients',
    'gram',
    'fixed',
    'offsets',
    'columns',
    'regularizers',
    'firstRow',
    'firstSideRow',
    'firstEntry',
    'stride',
    'gramLength',
    'unobservedWeight',
    'pinned',
    'sign',
  ],
  `${rowAndColumn}
    let unobserved = 0;
    for (let i = 0; i < gramLength; i++) { unobserved += gram[i][column] * vectors[row][i]; }
    const end = offsets[row + firstRow + 1];
    let observed = 0;
    for (let tile = offsets[row + firstRow]; tile < end; tile += ${entryTile}) {
      const tileEnd = Math.min(tile + ${entryTile}, end);
      let part = 0;
      for (let entry = tile; entry < tileEnd; entry += 1) {
        part += coefficients[entry - firstEntry] * fixed[columns[entry]][column];
      }
      observed += part;
    }
    let element = observed + unobservedWeight * unobserved;
    element += regularizers[row + firstSideRow] * vectors[row][column];
    if (column === pinned) { element = 0; }
    if (offsets[row + firstRow] === end) { element = 0; }
    return sign * element;`,
);

/** |v|² of every row, without what is pinned; one thread a row. */
export const squares = kernelSource(
  'squares',
  ['vectors', 'stride', 'pinned'],
  `
    const row = this.thread.x;
    let square = 0;
    for (let i = 0; i < stride; i++) {
      if (i !== pinned) { square += vectors[row][i] * vectors[row][i]; }
    }
    return square;`,
);

/**
 * How much of a row's preconditioner M is the Gram matrix's diagonal, whose largest element is
 * `largest`: see assembly/preconditioner.ts. One thread a row.
 */
export const shares = kernelSource(
  'shares',
  [
    'offsets',
    'ratings',
    'regularizers',
    'firstRow',
    'firstSideRow',
    'alpha',
    'share',
    'unobservedWeight',
    'fixedRows',
    'largest',
  ],
  `
    const row = this.thread.x;
    const end = offsets[row + firstRow + 1];
    let sum = 0;
    for (let tile = offsets[row + firstRow]; tile < end; tile += ${entryTile}) {
      const tileEnd = Math.min(tile + ${entryTile}, end);
      let part = 0;
      for (let entry = tile; entry < tileEnd; entry += 1) {
        part += 1 + alpha * ratings[entry] - share;
      }
      sum += part;
    }
    const product = (unobservedWeight + sum / fixedRows) * largest;
    let result = 1;
    if (product > 0) { result = 1 / (1 + regularizers[row + firstSideRow] / product); }
    return result;`,
);
