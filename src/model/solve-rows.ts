import { Arena } from '../arena.js';
import { elementView } from '../kernels/element-view.js';
import type { JobLayout, SideRatings } from '../kernels/job-layout.js';
import type { Kernel } from '../kernels/kernel.js';
import { type JobShape, layOutJob, rowFormat, type SideShape } from '../kernels/lay-out-job.js';
import { sparseLayout } from '../kernels/ratings-layout.js';
import { chooseKernel, type ProcessorKernelOption } from '../kernels/select/choose-kernel.js';
import type { Side } from '../ratings/ratings.js';
import { opposite } from '../ratings/ratings.js';
import { allocateSparseRows, entryCount, type SparseRows } from '../ratings/sparse-rows.js';
import { biasCoordinate, coordinateCount, pinnedCoordinate } from '../training/biased-rows.js';
import { regularizerOf } from '../training/regularizer.js';
import { weightingOf } from '../training/weighting.js';
import { checkFactors, type FixedSide, layRow } from './row-solver.js';

/** Many rows, solved at once. */
export interface SolvedRows {
  /** Row-major, rows × rank. */
  readonly factors: Float32Array;
  /** One a row; 0 in a model without biases. */
  readonly biases: Float32Array;
}

/**
 * `solveRow` for many rows: one phase of exact solves by the given kernel, in this thread, as a job
 * of one block with only these rows.
 *
 * @param rows columns are positions of the fixed side
 * Throws `SingularSystemError` with the number of the row, `NumericalError` or `MemoryLimitError`.
 */
export function solveRows(
  fixed: FixedSide,
  rows: SparseRows,
  wanted: ProcessorKernelOption = 'auto',
): SolvedRows {
  const { rank } = fixed.settings;
  const kernel = chooseKernel(wanted);
  const layout = layOut(fixed, rows, kernel);
  const side = opposite(fixed.side);
  kernel.open(layout).run({ kind: 'solve', iteration: 1, side, block: 0 }, 0);

  const { stride } = layout;
  const [, after] = layout[side].factors;
  const elements = elementView(layout, after, rows.rowCount * stride);
  const solved = {
    factors: new Float32Array(rows.rowCount * rank),
    biases: new Float32Array(rows.rowCount),
  };
  for (let row = 0; row < rows.rowCount; row++) {
    const from = row * stride;
    solved.factors.set(elements.subarray(from, from + rank), row * rank);
    if (!fixed.settings.biases) continue;
    solved.biases[row] = elements[from + biasCoordinate(side, rank)]!;
  }
  checkFactors(solved.factors, fixed, rows.ratings);
  checkFactors(solved.biases, fixed, rows.ratings);
  return solved;
}

/** A job in an arena of its own: the fixed rows as they are, these rows to be solved, one block. */
function layOut(fixed: FixedSide, rows: SparseRows, kernel: Kernel): JobLayout {
  const { settings, side: fixedSide } = fixed;
  const { cgSteps, subspaceSize, nonnegative } = settings;
  const arena = new Arena();
  const side = opposite(fixedSide);
  const rank = coordinateCount(settings);
  const weighting = weightingOf(settings, fixed.globalMean);
  const pinned = settings.biases && { pinned: pinnedCoordinate(side, settings.rank) };
  const without = withoutRatings(fixed.rowCount);
  const bySide = <Of>(solved: Of, other: Of) =>
    ({ [side]: solved, [fixedSide]: other }) as Record<Side, Of>;
  const shape: JobShape = {
    ...rowFormat(kernel, rank),
    ...{ solver: 'cholesky', cgSteps, subspaceSize, weighting, nonnegative },
    // The side of the second phase would sum errors too.
    phaseOrder: [side, fixedSide],
    ...bySide<SideShape>({ ...shapeOfRows(rows), ...pinned }, shapeOfRows(without)),
  };
  const ratings = bySide<SideRatings>(
    { ratings: sparseLayout(copySparseRows(rows, arena)) },
    { ratings: sparseLayout(copySparseRows(without, arena)) },
  );
  const { layout } = layOutJob(shape, arena, { id: 'rows', kernel, ratings, slots: 1 });

  const { stride } = layout;
  const regularizers = elementView(layout, layout[side].regularizers, rows.rowCount);
  for (let row = 0; row < rows.rowCount; row++) {
    const count = rows.offsets[row + 1]! - rows.offsets[row]!;
    regularizers[row] = regularizerOf(settings, count, fixed.rowCount);
  }
  const fixedRows = elementView(layout, layout[fixedSide].factors[0], fixed.rowCount * stride);
  for (let row = 0; row < fixed.rowCount; row++) layRow(fixedRows, row * stride, fixed, row);
  // Models with biases are explicit: no Gram matrix has more than `settings.rank` coordinates.
  if (weighting.unobservedWeight > 0) {
    const gram = fixed.gram();
    const out = elementView(layout, layout.gram, stride * stride);
    for (let i = 0; i < rank; i++) out.set(gram.subarray(i * rank, (i + 1) * rank), i * stride);
  }
  return layout;
}

function shapeOfRows(rows: SparseRows): SideShape {
  const { rowCount } = rows;
  return { rowCount, blockStarts: [0, rowCount], entries: entryCount(rows) };
}

function copySparseRows({ rowCount, offsets, columns, ratings }: SparseRows, arena: Arena) {
  const copy = allocateSparseRows(arena, { rowCount, columnCount: 0, count: columns.length });
  copy.offsets.set(offsets);
  copy.columns.set(columns);
  copy.ratings.set(ratings);
  return copy;
}

function withoutRatings(rowCount: number): SparseRows {
  return {
    rowCount,
    columnCount: 0,
    offsets: new Uint32Array(rowCount + 1),
    columns: new Uint32Array(0),
    ratings: new Float32Array(0),
  };
}
