import { divide, kernelSource } from './kernel-source.js';

/*
 * What the supervisor needs of solved rows. Sums are cut into tiles of a block, each summed by one
 * thread in float32; the tiles of a block are added in float64 where they are read back.
 */

/** Rows whose products are summed before their sum joins the total. */
const gramTile = 64;

/**
 * Gram matrices of blocks: block × stride × stride elements, one thread each. `starts` holds the
 * first row of every block of the side, and the end of the last.
 */
export const grams = kernelSource(
  'grams',
  ['rows', 'starts', 'firstBlock', 'stride'],
  `${divide('this.thread.x', 'stride', { quotient: 'line', remainder: 'j' })}
    ${divide('line', 'stride', { quotient: 'block', remainder: 'i' })}
    const end = starts[block + firstBlock + 1];
    let sum = 0;
    for (let tile = starts[block + firstBlock]; tile < end; tile += ${gramTile}) {
      const tileEnd = Math.min(tile + ${gramTile}, end);
      let part = 0;
      for (let row = tile; row < tileEnd; row += 1) { part += rows[row][i] * rows[row][j]; }
      sum += part;
    }
    return sum;`,
);

/** Σ λ·|x|² of every tile of rows, from the rows' `squares`; `tiles` holds rows of the shard. */
export const regularizations = kernelSource(
  'regularizations',
  ['squares', 'regularizers', 'tiles', 'firstTile', 'firstRow', 'firstSideRow'],
  `
    const end = tiles[this.thread.x + firstTile + 1];
    let sum = 0;
    for (let row = tiles[this.thread.x + firstTile]; row < end; row += 1) {
      sum += regularizers[row - firstRow + firstSideRow] * squares[row - firstRow];
    }
    return sum;`,
);

/** Numbers that `errorSums` writes for a tile, in the order of `ErrorSums`. */
export const errorKinds = 5;

/**
 * The five `ErrorSums` of every tile of entries, from the products y·x of the part's entries; one
 * thread a sum. `implicit` is 1 or 0.
 */
export const errorSums = kernelSource(
  'errorSums',
  ['products', 'ratings', 'tiles', 'firstTile', 'firstEntry', 'alpha', 'implicit', 'offset'],
  `${divide('this.thread.x', `${errorKinds}`, { quotient: 'tile', remainder: 'kind' })}
    const end = tiles[tile + firstTile + 1];
    let sum = 0;
    for (let entry = tiles[tile + firstTile]; entry < end; entry += 1) {
      const rating = ratings[entry];
      const product = products[entry - firstEntry];
      const prediction = product + offset;
      let preference = 0;
      if (rating > 0) { preference = 1; }
      const target = implicit * preference + (1 - implicit) * (rating - offset);
      let term = prediction * prediction;
      if (kind === 0) { term = (rating - prediction) * (rating - prediction); }
      if (kind === 1) { term = Math.abs(rating - prediction); }
      if (kind === 2) { term = (preference - prediction) * (preference - prediction); }
      if (kind === 3) { term = (1 + alpha * rating) * (target - product) * (target - product); }
      sum += term;
    }
    return sum;`,
);
