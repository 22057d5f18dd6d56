import { DeviceError, mebibytes } from '../../errors.js';
import { opposite, type Side } from '../../ratings/ratings.js';
import type { GpuKernel, GpuSolver } from '../gpu-solver.js';
import type { JobLayout, SparseLayout } from '../job-layout.js';
import type { BlockTask } from '../kernel.js';
import { type PartedLayout, type PartLayout, partOfBlock } from '../parts/parted-layout.js';

/** A job in parts on a GPU. */
export interface PartedGpuSolver extends GpuSolver {
  /**
   * To be called before the tasks of every phase, once the copies that it reads are in the parts'
   * memories: they are uploaded again. Before one of kind `gram` all rows are.
   */
  beginPhase(phase: Omit<BlockTask, 'block'>): void;
}

/**
 * Opens a kernel on every part; all of them stay on the GPU. If one part fails, all do, with its error.
 *
 * Rejects as `GpuKernel.open`, with the bytes of all parts if not all of them fit; nothing stays there
 * then.
 */
export async function openPartsOnGpu(
  kernel: GpuKernel,
  job: PartedLayout,
): Promise<PartedGpuSolver> {
  const parts = (['user', 'item'] as const).flatMap((side) =>
    job[side].parts.map((part) => ({ side, part, layout: layoutForGpu(job, side, part) })),
  );
  const solvers = new Map<PartLayout, GpuSolver>();
  const close = async (): Promise<void> => {
    await Promise.all([...solvers.values()].map((solver) => solver.close()));
  };
  for (const { part, layout } of parts) {
    try {
      solvers.set(part, await kernel.open(layout));
    } catch (error) {
      await close();
      if (!(error instanceof DeviceError)) throw error;
      const bytes = parts.map(({ side, layout }) => bytesOnGpu(layout, side));
      throw new DeviceError(
        `${error.message}; found ${parts.length} parts of ${mebibytes(sumOf(bytes))} in all, the one ` +
          `that failed after ${mebibytes(sumOf(bytes.slice(0, solvers.size)))}; expected a GPU that holds ` +
          "all of them; try a lower rank or kernel: 'wasm'",
        { cause: error },
      );
    }
  }

  let failure: unknown;
  const solverOf = (side: Side, block: number): GpuSolver =>
    // Every part has one.
    solvers.get(partOfBlock(job[side], block))!;
  return {
    async run(task) {
      try {
        return await solverOf(task.side, task.block).run(task);
      } catch (error) {
        failure ??= error;
        // Others must not keep a GPU that is given up; whoever closes the job gets an error of this.
        close().catch(() => {});
        throw failure;
      }
    },
    forget: (side, block) => solverOf(side, block).forget(side, block),
    beginPhase({ kind, side }) {
      for (const { side: solved, part } of parts) {
        const solver = solvers.get(part)!;
        if (kind !== 'gram') {
          if (solved === side) solver.forget(opposite(side), 0);
          continue;
        }
        for (let block = part.firstBlock; block < part.endBlock; block++) {
          solver.forget(solved, block);
        }
      }
    },
    close,
  };
}

/** A part as a job of its own that knows which rows of the whole side it has: slices of sums follow from it. */
function layoutForGpu(job: PartedLayout, side: Side, { layout, firstRow }: PartLayout): JobLayout {
  const within = { firstRow, rowCount: job[side].rowCount };
  return {
    ...{ ...layout, [side]: { ...layout[side], within } },
    ...(job.gpu && { gpu: job.gpu }),
  };
}

/** What the GPU holds of a part, but for lists of rows: ratings, and one generation of rows and copies. */
function bytesOnGpu(layout: JobLayout, side: Side): number {
  const { memory, stride, elementBytes, user, item } = layout;
  const { rowCount, ratings, heldOut } = layout[side];
  const entries = ({ offsets }: SparseLayout) =>
    new Uint32Array(memory.buffer, offsets, rowCount + 1)[rowCount]!;
  return (
    8 * (entries(ratings) + (heldOut ? entries(heldOut) : 0)) +
    (user.rowCount + item.rowCount) * stride * elementBytes
  );
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}
