import { Arena } from '../arena.js';
import { chooseKernel, type ProcessorKernelOption } from '../kernels/choose-kernel.js';
import { elementView } from '../kernels/job-views.js';
import type { JobLayout, Kernel, SideLayout } from '../kernels/kernel.js';
import type { Side } from '../ratings/ratings.js';
import { opposite } from '../ratings/ratings.js';
import { allocateSparseRows, type SparseRows } from '../ratings/sparse-rows.js';
import { biasCoordinate, coordinateCount, pinnedCoordinate } from '../training/biased-rows.js';
import { sparseLayout } from '../training/job.js';
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
 * `solveRow` for many rows: one phase of exact solves in the kernel that is wanted, in this thread, as a job of one block that holds these rows alone.
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

  const { stride, memory } = layout;
  const [, after] = layout[side].factors;
  const elements = elementView(memory, kernel.elementBytes, after, rows.rowCount * stride);
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
  const arena = new Arena();
  const { memory } = arena;
  const { elementBytes } = kernel;
  const side = opposite(fixedSide);
  const rank = coordinateCount(settings);
  const stride = Math.ceil(rank / kernel.lanes) * kernel.lanes;
  const weighting = weightingOf(settings, fixed.globalMean);
  const allocate = (elements: number) => arena.allocate(elements * elementBytes);
  const place = ({ rowCount, offsets, columns, ratings }: SparseRows): SideLayout => {
    const copy = allocateSparseRows(arena, { rowCount, columnCount: 0, count: columns.length });
    copy.offsets.set(offsets);
    copy.columns.set(columns);
    copy.ratings.set(ratings);
    return {
      rowCount,
      ratings: sparseLayout(copy),
      regularizers: allocate(rowCount),
      factors: [allocate(rowCount * stride), allocate(rowCount * stride)],
      blockStarts: [0, rowCount],
    };
  };
  const pinned = settings.biases && { pinned: pinnedCoordinate(side, settings.rank) };
  const sides = {
    [side]: { ...place(rows), ...pinned },
    [fixedSide]: place(withoutRatings(fixed.rowCount)),
  } as Record<Side, SideLayout>;
  const draft = {
    id: 'rows',
    memory,
    kernel: kernel.name,
    rank,
    stride,
    solver: 'cholesky',
    cgSteps: settings.cgSteps,
    subspaceSize: settings.subspaceSize,
    weighting,
    nonnegative: settings.nonnegative,
    // The side of the second phase would sum errors too.
    phaseOrder: [side, fixedSide],
    ...sides,
    gram: allocate(stride * stride),
    blockGrams: allocate(stride * stride),
    stopFlag: arena.allocate(4),
  } as const;
  const slotBytes = kernel.scratchBytes(draft);
  const offset = arena.allocate(slotBytes);

  const view = (at: number, elements: number) => elementView(memory, elementBytes, at, elements);
  const regularizers = view(sides[side].regularizers, rows.rowCount);
  for (let row = 0; row < rows.rowCount; row++) {
    const count = rows.offsets[row + 1]! - rows.offsets[row]!;
    regularizers[row] = regularizerOf(settings, count, fixed.rowCount);
  }
  const fixedRows = view(sides[fixedSide].factors[0], fixed.rowCount * stride);
  for (let row = 0; row < fixed.rowCount; row++) layRow(fixedRows, row * stride, fixed, row);
  // Models with biases are explicit: no Gram matrix has more than `settings.rank` coordinates.
  if (weighting.unobservedWeight > 0) {
    const gram = fixed.gram();
    const out = view(draft.gram, stride * stride);
    for (let i = 0; i < rank; i++) out.set(gram.subarray(i * rank, (i + 1) * rank), i * stride);
  }
  return { ...draft, scratch: { offset, slotBytes, slots: 1 } };
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
