import { SingularSystemError } from '../../errors.js';
import type { JobLayout } from '../job-layout.js';
import type { BlockSolver, BlockTask } from '../kernel.js';
import { type PartedLayout, type PartLayout, partOfBlock } from './parted-layout.js';

/**
 * Solves blocks of a job in parts: each by the solver of its part, which is opened at its first task.
 *
 * @param open opens a kernel on one part
 */
export function openParted(job: PartedLayout, open: (part: JobLayout) => BlockSolver): BlockSolver {
  const solvers = new Map<PartLayout, BlockSolver>();
  return {
    run(task: BlockTask, slot: number) {
      const part = partOfBlock(job[task.side], task.block);
      const solver = solvers.get(part) ?? open(part.layout);
      solvers.set(part, solver);
      try {
        return solver.run(task, slot);
      } catch (error) {
        throw error instanceof SingularSystemError && error.row !== undefined
          ? new SingularSystemError(task.side, error.row + part.firstRow, { cause: error })
          : error;
      }
    },
  };
}
