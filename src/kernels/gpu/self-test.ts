import { Arena } from '../../arena.js';
import { DeviceError } from '../../errors.js';
import { randomAt } from '../../random.js';
import type { Side } from '../../ratings/ratings.js';
import {
  allocateSparseRows,
  entryCount,
  type SparseRows,
  transpose,
} from '../../ratings/sparse-rows.js';
import { elementView } from '../element-view.js';
import type { GpuKernel } from '../gpu-solver.js';
import type { JobLayout } from '../job-layout.js';
import type { BlockSums, BlockTask, KernelTraits } from '../kernel.js';
import { type JobShape, layOutJob, rowFormat } from '../lay-out-job.js';
import { sparseLayout } from '../ratings-layout.js';
import { referenceKernel } from '../reference/reference-kernel.js';

const rowCounts = Object.freeze({ user: 40, item: 24 });
const rank = 7;

/** Float32 gives 1e-6 here; garbage is off by all of it. */
const tolerance = 1e-3;

/**
 * Solves both sides of a small job once and compares them with the reference: a driver may compile
 * what is not what was written, and report success.
 *
 * Rejects with `DeviceError` if they differ, or the device fails.
 *
 * @param deviceName for the message
 */
export async function selfTest(kernel: GpuKernel, deviceName: string): Promise<void> {
  const wanted = testJob(referenceKernel);
  const reference = referenceKernel.open(wanted);
  const expected = await solveBoth(wanted, async (task) => reference.run(task, 0));

  const found = testJob(kernel);
  const solver = await kernel.open(found);
  try {
    const actual = await solveBoth(found, async (task) => (await solver.run(task))?.sums);
    for (const [what, numbers] of Object.entries(expected)) {
      const error = relativeError(actual[what as keyof Outcome], numbers);
      if (error <= tolerance) continue;
      throw new DeviceError(
        `${deviceName} computes ${what} that are off by ${error.toPrecision(2)} of their size; ` +
          `expected ${tolerance} at most; try kernel: 'wasm', or another driver`,
      );
    }
  } finally {
    await solver.close();
  }
}

/** What one iteration gives. */
interface Outcome {
  readonly 'user rows': readonly number[];
  readonly 'item rows': readonly number[];
  readonly sums: readonly number[];
}

async function solveBoth(
  layout: JobLayout,
  solve: (task: BlockTask) => Promise<BlockSums | undefined>,
): Promise<Outcome> {
  const solveOne = async (phase: Omit<BlockTask, 'block'>) => {
    const sums = await solve({ ...phase, block: 0 });
    const square = (offset: number) => elementView(layout, offset, layout.stride ** 2);
    square(layout.gram).set(square(layout.blockGrams));
    return sums!;
  };
  /** Rows of generation 1 without padding. */
  const rows = (side: Side) => {
    const { rowCount, factors } = layout[side];
    const length = rowCount * layout.stride;
    const elements = elementView(layout, factors[1], length);
    return Array.from(elements).filter((_, at) => at % layout.stride < rank);
  };
  await solveOne({ kind: 'gram', iteration: 0, side: 'item' });
  await solveOne({ kind: 'solve', iteration: 1, side: 'user' });
  const { heldOut: _, ...sums } = await solveOne({ kind: 'solve', iteration: 1, side: 'item' });
  return {
    'user rows': rows('user'),
    'item rows': rows('item'),
    sums: Object.entries(sums)
      .sort()
      .map(([, sum]) => sum),
  };
}

/** A job of one block a side, some rows without ratings, in memory of its own. */
function testJob(kernel: KernelTraits): JobLayout {
  const arena = new Arena();
  const byUser = testRatings(arena);
  const byItem = transpose(byUser, arena);
  const side = (rows: SparseRows) => ({
    rowCount: rows.rowCount,
    blockStarts: [0, rows.rowCount],
    entries: entryCount(rows),
  });
  const shape: JobShape = {
    ...rowFormat(kernel, rank),
    solver: 'cg',
    cgSteps: 3,
    overrelaxedAfter: 1,
    subspaceSize: 32,
    weighting: {
      feedback: 'implicit',
      alpha: 2,
      unobservedWeight: 1,
      objective: 'confidence',
      offset: 0,
    },
    nonnegative: false,
    phaseOrder: ['user', 'item'],
    user: side(byUser),
    item: side(byItem),
  };
  const { layout } = layOutJob(shape, arena, {
    id: 'self-test',
    kernel,
    ratings: { user: { ratings: sparseLayout(byUser) }, item: { ratings: sparseLayout(byItem) } },
    slots: 1,
  });
  for (const [name, seed] of [
    ['user', 1],
    ['item', 2],
  ] as const) {
    const { rowCount, regularizers, factors } = layout[name];
    elementView(layout, regularizers, rowCount).fill(0.5);
    const start = elementView(layout, factors[0], rowCount * layout.stride);
    for (let row = 0; row < rowCount; row++) {
      for (let i = 0; i < rank; i++) start[row * layout.stride + i] = randomAt(seed, row, i) - 0.5;
    }
  }
  return layout;
}

function testRatings(arena: Arena): SparseRows {
  const { user: rowCount, item: columnCount } = rowCounts;
  const cells: [row: number, column: number][] = [];
  for (let row = 0; row < rowCount; row++) {
    for (let column = 0; column < columnCount; column++) {
      // Row 0 has all columns, row 7 none.
      if (row === 0 || (row !== 7 && randomAt(3, row, column) < 0.2)) cells.push([row, column]);
    }
  }
  const rows = allocateSparseRows(arena, { rowCount, columnCount, count: cells.length });
  for (const [at, [row, column]] of cells.entries()) {
    rows.offsets.fill(at + 1, row + 1);
    rows.columns[at] = column;
    rows.ratings[at] = 1 + Math.floor(5 * randomAt(4, row, column));
  }
  return rows;
}

/** ‖actual − expected‖ / ‖expected‖; NaN counts as all of it. */
function relativeError(actual: readonly number[], expected: readonly number[]): number {
  let [difference, size] = [0, 0];
  for (const [at, value] of expected.entries()) {
    difference += (actual[at]! - value) ** 2;
    size += value ** 2;
  }
  const error = Math.sqrt(difference / size);
  return Number.isNaN(error) ? 1 : error;
}
