import type { ExecutionContext } from 'ava';
import { SeesawError } from '../../../src/errors.js';
import type { Kernel } from '../../../src/kernels/kernel.js';
import { runInPlace } from '../../../src/training/run-in-place.js';
import { drawProblem } from '../builders/hostile-problems.js';
import { factorsOf, openJob, ratingsOf } from '../builders/jobs.js';

/**
 * Trains on problems under the seeds from `first` on, and holds each to its right end: a finite model
 * whose loss did not rise, or an error that says why there is none.
 *
 * @returns how many ended with an error
 */
export function tryProblems(
  t: ExecutionContext,
  kernel: Kernel,
  kind: 'hostile' | 'ordinary',
  { first, count }: { readonly first: number; readonly count: number },
): number {
  let failed = 0;
  let trained = 0;
  for (let seed = first; seed < first + count; seed++) {
    const { cells, users, items, options } = drawProblem(seed, kind);
    const says = (what: string) => `${kernel.name}, seed ${seed}: ${what}`;
    const isExplicit = options.feedback === 'explicit';
    const size = cells.reduce(
      (sum, [, , rating]) => sum + (isExplicit ? rating ** 2 : 1 + Number(options.alpha) * rating),
      0,
    );
    try {
      const { job, solver } = openJob(kernel, ratingsOf(cells, users, items), options);
      const losses = runInPlace(job, solver).map(({ loss }) => loss.total);
      for (const side of ['user', 'item'] as const) {
        const factors = factorsOf(job, side, job.settings.schedule.iterations).flat();
        if (!factors.every(Number.isFinite)) t.fail(says('a factor is not finite'));
      }
      for (let i = 1; i < losses.length; i++) {
        // Where the model fits, a loss of nothing is what rounding leaves of large sums.
        const allowed = 0.01 * Math.abs(losses[i - 1]!) + 1e-9 * Math.abs(losses[0]!) + 5e-2 * size;
        const most = losses[i - 1]! + allowed;
        if (!(losses[i]! <= most)) t.fail(says(`the loss rose: ${losses}`));
      }
      if (!losses.every(Number.isFinite)) t.fail(says('a loss is not finite'));
      job.release();
      trained++;
    } catch (error) {
      if (!(error instanceof SeesawError)) throw error;
      failed++;
      if (kind === 'ordinary') t.fail(says(error.message));
    }
  }
  t.is(trained + failed, count);
  return failed;
}
