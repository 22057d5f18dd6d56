import { noErrors } from '../../error-sums.js';
import type { JobLayout } from '../../job-layout.js';
import type { ErrorSums } from '../../kernel.js';
import type { Backend, Resident } from './backend.js';
import { exactBelow } from './kernel-source.js';
import type { ReadBack } from './read-back.js';
import type { ResidentRatings, ResidentSide, ResidentTiles } from './resident-side.js';
import { entriesOf, type PhaseArrays, type RowSpan, type SpanSolver } from './solve-span.js';
import * as sources from './sum-sources.js';

/** Consecutive blocks of a side. */
export interface BlockSpan {
  readonly firstBlock: number;
  /** Exclusive. */
  readonly endBlock: number;
}

/** What a block's rows of a span come to. */
export interface SpanSums {
  readonly regularization: number;
  readonly errors: ErrorSums;
  readonly heldOut: ErrorSums;
}

/** What a span solved, and for which blocks. */
interface Solved {
  readonly span: RowSpan;
  readonly rows: Resident;
  readonly blocks: BlockSpan;
}

/** Gram matrices and sums of what was solved. */
export class SpanSummer {
  readonly #job: JobLayout;
  readonly #solver: SpanSolver;
  readonly #grams;
  readonly #regularizations;
  readonly #errorSums;

  constructor(backend: Backend, job: JobLayout, solver: SpanSolver) {
    this.#job = job;
    this.#solver = solver;
    this.#grams = backend.compile(sources.grams);
    this.#regularizations = backend.compile(sources.regularizations);
    this.#errorSums = backend.compile(sources.errorSums);
  }

  /** Writes the Gram matrices of blocks to the job's memory. */
  async writeGrams(
    side: ResidentSide,
    { firstBlock, endBlock }: BlockSpan,
    readBack: ReadBack,
  ): Promise<void> {
    const { stride, memory, blockGrams } = this.#job;
    const square = stride ** 2;
    const most = Math.floor(exactBelow / square);
    for (let block = firstBlock; block < endBlock; block += most) {
      const length = Math.min(most, endBlock - block) * square;
      const grams = await this.#grams(
        { length },
        { rows: side.factors, starts: side.blockStarts, firstBlock: block, stride },
      );
      const at = blockGrams + block * square * 4;
      await readBack.into(new Float32Array(memory.buffer, at, length), grams);
      grams.free();
    }
  }

  /**
   * Sums what solved rows cost, and in a phase that is measured how wrong they are.
   *
   * @returns the sums of every block, in order
   */
  async sum(
    solved: Solved,
    arrays: PhaseArrays,
    measured: boolean,
    readBack: ReadBack,
  ): Promise<SpanSums[]> {
    const { ratings, heldOut } = solved.span.shard;
    const errorsOf = async (of: ResidentRatings | undefined) =>
      measured && of ? this.#errors(solved, arrays, of, readBack) : undefined;
    const [costs, errors, withheld] = await Promise.all([
      this.#costs(solved, arrays, readBack),
      errorsOf(ratings),
      errorsOf(heldOut),
    ]);
    return costs.map(([regularization], at) => ({
      regularization: regularization!,
      errors: errorSumsOf(errors?.[at]),
      heldOut: errorSumsOf(withheld?.[at]),
    }));
  }

  async #costs(
    { span, rows, blocks }: Solved,
    { solved, pinned }: PhaseArrays,
    readBack: ReadBack,
  ): Promise<number[][]> {
    const { rowTiles, firstRow } = span.shard;
    const { firstTile, count } = tilesOf(rowTiles, blocks);
    const squares = await this.#solver.squares(rows, span.endRow - span.firstRow, pinned);
    const sums = await this.#regularizations(
      { length: count },
      {
        squares,
        regularizers: solved.regularizers,
        tiles: rowTiles.starts,
        firstTile,
        firstRow: span.firstRow - firstRow,
        firstSideRow: span.firstRow,
      },
    );
    squares.free();
    return addTiles(sums, rowTiles, { blocks, kinds: 1 }, readBack);
  }

  /** Undefined if the span has none of these ratings. */
  async #errors(
    { span, rows, blocks }: Solved,
    { fixed }: PhaseArrays,
    ratings: ResidentRatings,
    readBack: ReadBack,
  ): Promise<number[][] | undefined> {
    const { first, count } = entriesOf(span, ratings);
    if (count === 0) return undefined;
    const { alpha, feedback, offset } = this.#job.weighting;
    const tiles = tilesOf(ratings.tiles, blocks);
    const products = await this.#solver.products(span, ratings, { vectors: rows, fixed });
    const kinds = sources.errorKinds;
    const sums = await this.#errorSums(
      { length: tiles.count * kinds },
      {
        products,
        ratings: ratings.values,
        tiles: ratings.tiles.starts,
        firstTile: tiles.firstTile,
        firstEntry: first,
        alpha,
        implicit: feedback === 'implicit' ? 1 : 0,
        offset,
      },
    );
    products.free();
    return addTiles(sums, ratings.tiles, { blocks, kinds }, readBack);
  }
}

function tilesOf({ blockStarts }: ResidentTiles, { firstBlock, endBlock }: BlockSpan) {
  const firstTile = blockStarts[firstBlock]!;
  return { firstTile, count: blockStarts[endBlock]! - firstTile };
}

/** Reads tiles' sums, `kinds` a tile, frees them, and adds those of every block in float64. */
async function addTiles(
  sums: Resident,
  tiles: ResidentTiles,
  { blocks, kinds }: { readonly blocks: BlockSpan; readonly kinds: number },
  readBack: ReadBack,
): Promise<number[][]> {
  const { firstTile, count } = tilesOf(tiles, blocks);
  const numbers = new Float32Array(count * kinds);
  await readBack.into(numbers, sums);
  sums.free();
  const totals: number[][] = [];
  for (let block = blocks.firstBlock; block < blocks.endBlock; block++) {
    const total = new Array<number>(kinds).fill(0);
    const first = (tiles.blockStarts[block]! - firstTile) * kinds;
    const end = (tiles.blockStarts[block + 1]! - firstTile) * kinds;
    for (let at = first; at < end; at++) total[(at - first) % kinds]! += numbers[at]!;
    totals.push(total);
  }
  return totals;
}

function errorSumsOf(sums: readonly number[] | undefined): ErrorSums {
  if (sums === undefined) return noErrors;
  const [squared, absolute, squaredPreference, loss, squaredPrediction] = sums as FiveNumbers;
  return { squared, absolute, squaredPreference, loss, squaredPrediction };
}

type FiveNumbers = [number, number, number, number, number];
