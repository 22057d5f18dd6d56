import { type JobLayout, unobservedShare } from '../../job-layout.js';
import type { Backend, Resident } from './backend.js';
import * as cg from './cg-sources.js';
import type { ResidentRatings, ResidentShard, ResidentSide } from './resident-side.js';
import * as sources from './solve-sources.js';

/** Consecutive rows of a shard that are solved together, as memory allows. */
export interface RowSpan {
  readonly shard: ResidentShard;
  /** Of the side. */
  readonly firstRow: number;
  /** Exclusive. */
  readonly endRow: number;
}

/** The sides and the Gram matrix that a phase reads. */
export interface PhaseArrays {
  readonly solved: ResidentSide;
  readonly fixed: ResidentSide;
  /** Of the fixed side, stride × stride. */
  readonly gram: Resident;
  /** The largest element of its diagonal; 1 if all are 0. */
  readonly largest: number;
  /** Share of the way to where the steps lead that a row goes; may be above 1. */
  readonly stepLength: number;
  /** −1 if none is. */
  readonly pinned: number;
}

/** `sources`, compiled. */
export class SpanSolver {
  readonly #job: JobLayout;
  readonly #startRows;
  readonly #coefficients;
  readonly #applySystem;
  readonly #squares;
  readonly #shares;
  readonly #preconditioned;
  readonly #dotProducts;
  readonly #steepnesses;
  readonly #alphas;
  readonly #moved;
  readonly #nextDirections;

  constructor(backend: Backend, job: JobLayout) {
    this.#job = job;
    this.#startRows = backend.compile(sources.startRows);
    this.#coefficients = backend.compile(sources.coefficients);
    this.#applySystem = backend.compile(sources.applySystem);
    this.#squares = backend.compile(sources.squares);
    this.#shares = backend.compile(sources.shares);
    this.#preconditioned = backend.compile(cg.preconditioned);
    this.#dotProducts = backend.compile(cg.dotProducts);
    this.#steepnesses = backend.compile(cg.steepnesses);
    this.#alphas = backend.compile(cg.alphas);
    this.#moved = backend.compile(cg.moved);
    this.#nextDirections = backend.compile(cg.nextDirections);
  }

  /**
   * Takes the rows of a span `cgSteps` steps of conjugate gradient towards A·x = b, from their last
   * value.
   *
   * @returns the rows, with padding; free them
   */
  async solve(span: RowSpan, arrays: PhaseArrays): Promise<Resident> {
    const { stride, cgSteps } = this.#job;
    const rowCount = span.endRow - span.firstRow;
    const rows = { length: rowCount };
    const elements = { length: rowCount * stride, rowLength: stride };

    const taken = new Set<Resident>();
    const take = async (result: Promise<Resident>): Promise<Resident> => {
      taken.add(await result);
      return result;
    };
    const freeAllBut = (...kept: readonly Resident[]): void => {
      for (const array of taken) {
        if (kept.includes(array)) continue;
        array.free();
        taken.delete(array);
      }
    };

    const start = {
      factors: arrays.solved.factors,
      offsets: span.shard.offsets,
      firstRow: span.firstRow - span.shard.firstRow,
      firstSideRow: span.firstRow,
      stride,
      pinned: arrays.pinned,
    };
    let x = await take(this.#startRows(elements, start));
    let residuals = await take(this.#apply(span, arrays, x, { bias: 1, sign: -1 }));
    const shares = await take(this.#sharesOf(span, arrays));
    const { gram, largest } = arrays;
    const { convergedShare, flatShare, smallestShare } = cg;
    const own = { shares, gram, largest, stride, smallestShare };
    let directions = await take(this.#preconditioned(elements, { residuals, ...own }));
    const length = { vectors: residuals, others: directions, stride };
    const firstSquares = await take(this.#dotProducts(rows, length));
    let rsold = firstSquares;
    let steepnesses: Resident | undefined;
    for (let step = 1; step <= cgSteps; step++) {
      const Ap = await take(this.#apply(span, arrays, directions, { bias: 0, sign: 1 }));
      steepnesses ??= await take(this.#steepnesses(rows, { directions, Ap, rsold, stride }));
      const way = {
        ...{ directions, Ap, rsold, firstSquares, steepnesses },
        ...{ ...own, convergedShare, flatShare },
      };
      const alphas = await take(this.#alphas(rows, way));
      const forward = { vectors: x, ways: directions, alphas, stride, factor: arrays.stepLength };
      x = await take(this.#moved(elements, forward));
      if (step === cgSteps) break;

      const back = { vectors: residuals, ways: Ap, alphas, stride, factor: -1 };
      residuals = await take(this.#moved(elements, back));
      const preconditioned = await take(this.#preconditioned(elements, { residuals, ...own }));
      const square = { vectors: residuals, others: preconditioned, stride };
      const rsnew = await take(this.#dotProducts(rows, square));
      const next = { preconditioned, directions, alphas, rsnew, rsold, stride };
      directions = await take(this.#nextDirections(elements, next));
      rsold = rsnew;
      freeAllBut(x, residuals, directions, rsold, firstSquares, steepnesses, shares);
    }
    freeAllBut(x);
    return x;
  }

  #sharesOf(
    { shard, firstRow, endRow }: RowSpan,
    { solved, fixed, largest }: PhaseArrays,
  ): Promise<Resident> {
    const { weighting } = this.#job;
    const { alpha, unobservedWeight } = weighting;
    return this.#shares(
      { length: endRow - firstRow },
      {
        offsets: shard.offsets,
        ratings: shard.ratings.values,
        regularizers: solved.regularizers,
        firstRow: firstRow - shard.firstRow,
        firstSideRow: firstRow,
        alpha,
        share: unobservedShare(weighting),
        unobservedWeight,
        fixedRows: fixed.rowCount,
        largest,
      },
    );
  }

  /** |v|² of `count` rows, without what is pinned; free it. */
  squares(vectors: Resident, count: number, pinned: number): Promise<Resident> {
    return this.#squares({ length: count }, { vectors, stride: this.#job.stride, pinned });
  }

  /** Products y·x of a span's ratings, withheld ones or not, at least one; free them. */
  products(
    span: RowSpan,
    ratings: ResidentRatings,
    { vectors, fixed }: { readonly vectors: Resident; readonly fixed: ResidentSide },
  ): Promise<Resident> {
    const plain = { alpha: 0, share: 0, implicit: 0, offset: 0, bias: 0 };
    return this.#weigh(span, ratings, { vectors, fixed }, plain);
  }

  /** sign·(A·v − bias·b) of the span's rows; free it. */
  async #apply(
    span: RowSpan,
    { solved, fixed, gram, pinned }: PhaseArrays,
    vectors: Resident,
    { bias, sign }: { readonly bias: 0 | 1; readonly sign: 1 | -1 },
  ): Promise<Resident> {
    const { stride, weighting } = this.#job;
    const { alpha, offset, unobservedWeight } = weighting;
    const { ratings, offsets } = span.shard;
    const isRated = entriesOf(span, ratings).count > 0;
    const coefficients = isRated
      ? await this.#weigh(
          span,
          ratings,
          { vectors, fixed },
          {
            alpha,
            share: unobservedShare(weighting),
            implicit: weighting.feedback === 'implicit' ? 1 : 0,
            offset,
            bias,
          },
        )
      : undefined;
    const Ap = await this.#applySystem(
      { length: (span.endRow - span.firstRow) * stride, rowLength: stride },
      {
        vectors,
        coefficients: coefficients ?? ratings.values,
        gram,
        fixed: fixed.factors,
        offsets,
        columns: ratings.columns,
        regularizers: solved.regularizers,
        firstRow: span.firstRow - span.shard.firstRow,
        firstSideRow: span.firstRow,
        firstEntry: entriesOf(span, ratings).first,
        stride,
        gramLength: unobservedWeight === 0 ? 0 : stride,
        unobservedWeight,
        pinned,
        sign,
      },
    );
    coefficients?.free();
    return Ap;
  }

  #weigh(
    span: RowSpan,
    ratings: ResidentRatings,
    { vectors, fixed }: { readonly vectors: Resident; readonly fixed: ResidentSide },
    weighting: Readonly<Record<'alpha' | 'share' | 'implicit' | 'offset' | 'bias', number>>,
  ): Promise<Resident> {
    const { first, count } = entriesOf(span, ratings);
    return this.#coefficients(
      { length: count },
      {
        vectors,
        fixed: fixed.factors,
        entryRows: ratings.rows,
        columns: ratings.columns,
        ratings: ratings.values,
        firstEntry: first,
        rowShift: span.shard.firstRow - span.firstRow,
        stride: this.#job.stride,
        ...weighting,
      },
    );
  }
}

/** The span's ratings within those of its shard. */
export function entriesOf(
  { firstRow, endRow }: RowSpan,
  { sideOffsets, first }: ResidentRatings,
): { first: number; count: number } {
  const begin = sideOffsets[firstRow]!;
  return { first: begin - first, count: sideOffsets[endRow]! - begin };
}
