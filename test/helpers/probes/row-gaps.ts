import { SeesawError } from '../../../src/errors.js';
import { unobservedShare } from '../../../src/kernels/job-layout.js';
import { fixedGeneration, type Kernel } from '../../../src/kernels/kernel.js';
import { normalEquations, weigh } from '../../../src/kernels/reference/normal-equations.js';
import {
  pinCoordinate,
  solveCholesky,
  solveNonnegative,
  solveSubspaces,
} from '../../../src/kernels/reference/reference-solvers.js';
import { opposite, type Ratings, rowsOf } from '../../../src/ratings/ratings.js';
import { factorSpans, joinSpans } from '../../../src/training/factor-spans.js';
import type { WholeJob } from '../../../src/training/job.js';
import { PhaseReducer } from '../../../src/training/phase-reducer.js';
import { type PhaseId, phasesOf, tasksOf } from '../../../src/training/phases.js';
import { regularizerOf } from '../../../src/training/regularizer.js';
import type { Problem } from '../builders/hostile-problems.js';
import { openJob, ratingsOf } from '../builders/jobs.js';

/** How far the rows of a problem are from those of the reference. */
export interface RowGaps {
  /** Rows that were compared. */
  readonly rows: number;
  /**
   * The largest gap of a row: by how much its loss is above that of the reference's row from the same
   * fixed side, less what rounding of predictions in float32 makes of it, as a share of its loss without
   * factors; for subspaces of the loss before, if that is larger.
   */
  readonly most: number;
  /** The error that ended the problem. */
  readonly error: SeesawError | undefined;
}

/** Trains on a problem in a kernel, and compares every row of every phase. */
export function rowGaps(kernel: Kernel, { cells, users, items, options }: Problem): RowGaps {
  let [rows, most] = [0, 0];
  try {
    const ratings = ratingsOf(cells, users, items);
    // Balancing rewrites rows after the phase that solved them.
    const { job, solver } = openJob(kernel, ratings, { ...options, balance: false });
    const reducer = new PhaseReducer(job);
    for (const phase of phasesOf(job)) {
      reducer.close(
        phase,
        tasksOf(job.layout, phase).map((task) => solver.run(task, 0)!),
      );
      if (phase.kind === 'gram') continue;
      for (const gap of gapsOf(job, ratings, phase)) {
        rows++;
        most = Math.max(most, gap);
      }
    }
    job.release();
    return { rows, most, error: undefined };
  } catch (error) {
    if (!(error instanceof SeesawError)) throw error;
    return { rows, most, error };
  }
}

/** The gap of every row with ratings after a phase. */
function* gapsOf(job: WholeJob, given: Ratings, phase: PhaseId): Generator<number> {
  const { layout, settings } = job;
  const { rank, weighting, solver, subspaceSize } = layout;
  const { side, iteration } = phase;
  const solved = layout[side];
  const view = (side: typeof phase.side, generation: number) => unpadded(job, side, generation);
  const before = view(side, iteration - 1);
  const after = view(side, iteration);
  const fixed = view(opposite(side), fixedGeneration(layout, { ...phase, block: 0 }));
  const gram = gramOf(fixed, rank);
  const ratings = rowsOf(given, side);
  const regularizers = Float64Array.from({ length: solved.rowCount }, (_, row) =>
    regularizerOf(
      settings.loss,
      ratings.offsets[row + 1]! - ratings.offsets[row]!,
      ratings.columnCount,
    ),
  );
  for (let row = 0; row < solved.rowCount; row++) {
    const [at, end] = [ratings.offsets[row]!, ratings.offsets[row + 1]!];
    if (at === end) continue;
    const { a, b } = normalEquations(gram, { ratings, regularizers }, fixed, row, layout);
    if (solved.pinned !== undefined) pinCoordinate(a, b, solved.pinned);
    const x = before.slice(row * rank, (row + 1) * rank);
    const lambda = regularizers[row]!;
    if (solver === 'subspace') {
      if (!solveSubspaces(a, b, x, subspaceSize, lambda)) continue;
    } else if (layout.nonnegative) solveNonnegative(a, b, x);
    else if (!solveCholesky(a, b, x, lambda)) continue;
    if (solved.pinned !== undefined) x[solved.pinned] = 1;
    const held = x.map(Math.fround);

    const lossOf = (x: Float64Array) => {
      let loss = 0;
      for (let e = at; e < end; e++) {
        const { confidence, target } = weigh(weighting, ratings.ratings[e]!);
        const product = dot(x, fixed.subarray(ratings.columns[e]! * rank));
        loss += confidence * (target - product) ** 2 - unobservedShare(weighting) * product ** 2;
      }
      if (weighting.unobservedWeight > 0) {
        for (let y = 0; y < fixed.length; y += rank) {
          loss += weighting.unobservedWeight * dot(x, fixed.subarray(y)) ** 2;
        }
      }
      for (let i = 0; i < rank; i++) if (i !== solved.pinned) loss += lambda * x[i]! ** 2;
      return loss;
    };
    const without = new Float64Array(rank);
    if (solved.pinned !== undefined) without[solved.pinned] = 1;
    let [size, rounding] = [lossOf(without), 0];
    const found = after.subarray(row * rank, (row + 1) * rank);
    // A sweep starts from predictions.
    const rowsRead =
      solver === 'subspace' ? [found, before.subarray(row * rank, (row + 1) * rank)] : [found];
    for (let e = at; e < end; e++) {
      const rating = ratings.ratings[e]!;
      const y = fixed.subarray(ratings.columns[e]! * rank);
      const { confidence } = weigh(weighting, rating);
      if (weighting.feedback === 'explicit') size += rating ** 2;
      const sizes = rowsRead.map((x) => x.reduce((sum, x, i) => sum + Math.abs(x * y[i]!), 0));
      rounding += confidence * (2 ** -22 * Math.max(...sizes)) ** 2;
    }
    if (solver === 'subspace') {
      size = Math.max(size, lossOf(before.subarray(row * rank, (row + 1) * rank)));
    }
    yield (lossOf(found) - lossOf(held) - rounding) / size;
  }
}

/** Factors of a generation in float64, rows × rank. */
function unpadded(job: WholeJob, side: PhaseId['side'], generation: number): Float64Array {
  const { rank, stride } = job.layout;
  const { rowCount } = job.layout[side];
  const view = joinSpans(factorSpans(job, side, generation));
  const out = new Float64Array(rowCount * rank);
  for (let row = 0; row < rowCount; row++) {
    out.set(view.subarray(row * stride, row * stride + rank), row * rank);
  }
  return out;
}

function gramOf(factors: Float64Array, rank: number): Float64Array {
  const gram = new Float64Array(rank * rank);
  for (let y = 0; y < factors.length; y += rank) {
    for (let i = 0; i < rank; i++) {
      for (let j = 0; j < rank; j++) gram[i * rank + j]! += factors[y + i]! * factors[y + j]!;
    }
  }
  return gram;
}

function dot(x: Float64Array, y: Float64Array): number {
  return x.reduce((sum, element, i) => sum + element * y[i]!, 0);
}
