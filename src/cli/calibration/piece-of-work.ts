import { chooseKernel } from '../../kernels/select/choose-kernel.js';
import { syntheticRatings } from '../../ratings/synthetic-ratings.js';
import { createJob } from '../../training/job.js';
import { paperSettings } from '../../training/options.js';
import { resolveJobOptions } from '../../training/resolve-options.js';
import { trainingSettings } from '../../training/training-settings.js';

/**
 * A piece of work that is always the same: some milliseconds of conjugate gradient on few ratings,
 * which the caches of a core hold. With memory of its own.
 *
 * @returns does it, and tells how many seconds that took
 */
export function pieceOfWork(): () => number {
  const ratings = syntheticRatings({ users: 1_500, items: 1_000, count: 50_000, seed: 13 });
  const kernel = chooseKernel('wasm');
  const options = resolveJobOptions({
    ...{ ...paperSettings, rank: 64, blocks: 1, alpha: 2, regularization: 1 },
    ...{ balance: false, start: 'random' },
  });
  const job = createJob({ ratings, settings: trainingSettings(options), kernel, slots: 1 });
  const solver = kernel.open(job.layout);
  const [side, fixed] = job.layout.phaseOrder;
  solver.run({ kind: 'gram', iteration: 0, side: fixed, block: 0 }, 0);
  return () => {
    const start = performance.now();
    solver.run({ kind: 'solve', iteration: 1, side, block: 0 }, 0);
    return (performance.now() - start) / 1000;
  };
}
