import { SingularSystemError } from '../../errors.js';
import { opposite } from '../../ratings/ratings.js';
import { noErrors, noSums } from '../error-sums.js';
import { type JobLayout, stepLength, type Weighting } from '../job-layout.js';
import {
  type BlockSolver,
  type BlockSums,
  type BlockTask,
  type ErrorSums,
  fixedGeneration,
  type Kernel,
} from '../kernel.js';
import { type JobViews, type SideViews, viewJob } from './job-views.js';
import { normalEquations, preference, sharedWeight, weigh } from './normal-equations.js';
import {
  pinCoordinate,
  preconditioner,
  solveCholesky,
  solveConjugateGradient,
  solveNonnegative,
  solveSubspaces,
} from './reference-solvers.js';

/**
 * The definition of correct: plain TypeScript in float64. Every row's normal equations are written
 * out in full, then solved as `solver` says. Costs ratings × rank² operations.
 */
export const referenceKernel: Kernel = {
  name: 'reference',
  elementBytes: 8,
  lanes: 1,
  scratchBytes: () => 0,
  open: (job) => openReference(job),
};

function openReference(job: JobLayout): BlockSolver {
  const views = viewJob(job);
  return {
    run(task: BlockTask): BlockSums | undefined {
      const blockStarts = job[task.side].blockStarts;
      const rows = { first: blockStarts[task.block]!, end: blockStarts[task.block + 1]! };
      if (task.kind === 'sketch') return sketchRows(job, views, task, rows) ? noSums : undefined;
      const sums = task.kind === 'solve' ? solveRows(job, views, task, rows) : noSums;
      if (sums === undefined) return undefined;
      const factors = views[task.side].factors[task.iteration & 1]!;
      writeGram(views.blockGram(task.block), factors, rows, job.stride);
      return sums;
    },
  };
}

interface RowRange {
  readonly first: number;
  /** Exclusive. */
  readonly end: number;
}

function solveRows(
  job: JobLayout,
  views: JobViews,
  task: BlockTask,
  rows: RowRange,
): BlockSums | undefined {
  const { rank, weighting } = job;
  const solved = views[task.side];
  const fixed = views[opposite(task.side)].factors[fixedGeneration(job, task) & 1]!;
  const before = solved.factors[(task.iteration - 1) & 1]!;
  const after = solved.factors[task.iteration & 1]!;
  const measured = task.side === job.phaseOrder[1];
  const { rowCount, copiedFrom } = job[opposite(task.side)];
  const fixedRowCount = copiedFrom ?? rowCount;

  const length = stepLength(job, task.iteration);

  let regularization = 0;
  const observed = { ...noErrors };
  const heldOut = { ...noErrors };
  for (let row = rows.first; row < rows.end; row++) {
    if (Atomics.load(views.stopFlag, 0) !== 0) return undefined;
    const x = after.subarray(row * rank, (row + 1) * rank);
    if (solved.ratings.offsets[row] === solved.ratings.offsets[row + 1]) {
      x.fill(0);
    } else {
      const { a, b } = normalEquations(views.gram, solved, fixed, row, job);
      if (solved.pinned !== undefined) pinCoordinate(a, b, solved.pinned);
      x.set(before.subarray(row * rank, (row + 1) * rank));
      const lambda = solved.regularizers[row]!;
      const shared = (): Float64Array => {
        const weight = sharedWeight(solved, row, { weighting, fixedRowCount });
        return preconditioner(views.gram, rank, weight, lambda);
      };
      if (!solveRow(job, a, b, x, { lambda, length, shared }))
        throw new SingularSystemError(task.side, row);
    }
    // Zero meanwhile: the sum leaves it out, and an exact solve may have rounded it.
    if (solved.pinned !== undefined) x[solved.pinned] = 0;
    regularization += solved.regularizers[row]! * dot(x, 0, x, 0, rank);
    if (solved.pinned !== undefined) x[solved.pinned] = 1;
    if (measured) {
      addRowErrors(observed, solved.ratings, row, x, fixed, weighting);
      if (solved.heldOut) addRowErrors(heldOut, solved.heldOut, row, x, fixed, weighting);
    }
  }
  return { ...observed, regularization, heldOut };
}

/** False if the job's stop flag was raised. */
function sketchRows(job: JobLayout, views: JobViews, task: BlockTask, rows: RowRange): boolean {
  const { rank, weighting } = job;
  const solved = views[task.side];
  const { offsets, columns, ratings } = solved.ratings;
  const fixed = views[opposite(task.side)].factors[fixedGeneration(job, task) & 1]!;
  const after = solved.factors[task.iteration & 1]!;
  const { rowCount, copiedFrom } = job[opposite(task.side)];
  const unobserved = weighting.unobservedWeight * (copiedFrom ?? rowCount);
  for (let row = rows.first; row < rows.end; row++) {
    if (Atomics.load(views.stopFlag, 0) !== 0) return false;
    const x = after.subarray(row * rank, (row + 1) * rank).fill(0);
    let mass = unobserved;
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      const { confidence, target } = weigh(weighting, ratings[at]!);
      const y = columns[at]! * rank;
      mass += confidence * Math.abs(target);
      for (let i = 0; i < rank; i++) x[i]! += confidence * target * fixed[y + i]!;
    }
    for (let i = 0; i < rank; i++) x[i] = mass > 0 ? x[i]! / mass : 0;
  }
  return true;
}

interface RowTraits {
  readonly lambda: number;
  /** `stepLength`. */
  readonly length: number;
  /** The row's preconditioner. */
  readonly shared: () => Float64Array;
}

/** Takes x, the row's last value, to its next one; false if the row's system is singular. */
function solveRow(
  job: JobLayout,
  a: Float64Array,
  b: Float64Array,
  x: Float64Array,
  { lambda, length, shared }: RowTraits,
): boolean {
  switch (job.solver) {
    case 'cg':
      solveConjugateGradient(a, b, x, { steps: job.cgSteps, length, diagonal: shared() });
      return true;
    case 'cholesky':
      if (!job.nonnegative) return solveCholesky(a, b, x, lambda);
      solveNonnegative(a, b, x);
      return true;
    case 'subspace':
      return solveSubspaces(a, b, x, job.subspaceSize, lambda);
    default:
      return job.solver satisfies never;
  }
}

function addRowErrors(
  sums: { -readonly [name in keyof ErrorSums]: number },
  rows: SideViews['ratings'],
  row: number,
  x: Float64Array,
  fixed: Float64Array,
  weighting: Weighting,
): void {
  for (let at = rows.offsets[row]!; at < rows.offsets[row + 1]!; at++) {
    const rating = rows.ratings[at]!;
    const product = dot(x, 0, fixed, rows.columns[at]! * x.length, x.length);
    const { confidence, target } = weigh(weighting, rating);
    const prediction = product + weighting.offset;
    sums.squared += (rating - prediction) ** 2;
    sums.absolute += Math.abs(rating - prediction);
    sums.squaredPreference += (preference(rating) - prediction) ** 2;
    sums.loss += confidence * (target - product) ** 2;
    sums.squaredPrediction += prediction ** 2;
  }
}

function writeGram(out: Float64Array, factors: Float64Array, rows: RowRange, rank: number): void {
  out.fill(0);
  for (let row = rows.first; row < rows.end; row++) {
    for (let i = 0; i < rank; i++) {
      const left = factors[row * rank + i]!;
      for (let j = 0; j < rank; j++) out[i * rank + j]! += left * factors[row * rank + j]!;
    }
  }
}

function dot(
  left: Float64Array,
  leftAt: number,
  right: Float64Array,
  rightAt: number,
  length: number,
): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += left[leftAt + i]! * right[rightAt + i]!;
  return sum;
}
