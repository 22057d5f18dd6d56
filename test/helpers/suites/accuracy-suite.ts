import test from 'ava';
import type { GpuKernel } from '../../../src/kernels/gpu-solver.js';
import { referenceKernel } from '../../../src/kernels/reference/reference-kernel.js';
import { randomAt } from '../../../src/random.js';
import type { Ratings } from '../../../src/ratings/ratings.js';
import type { GivenJobOptions } from '../../../src/training/options.js';
import { factorsOf, ratingsOf, relativeError } from '../builders/jobs.js';
import { openKernel, runKernel } from '../probes/open-kernel.js';

/** Ratings of every user; items have between none and eight. */
const counts = [5000, 1000, 300, 100, 30, 10, 3, 1, 0];
const itemCount = 5050;

/**
 * Float32 solves a system to about 1e-7 of its condition, here that of a row with 5,000 ratings; with
 * less regularization no float32 kernel is within 1e-3.
 */
const settings = Object.freeze({
  regularization: 10,
  iterations: 10,
  solver: 'cg',
  balance: false,
});
const alphas = Object.freeze({ implicit: 2, explicit: 0 });

/** What the suite tries; all of it takes minutes. */
export interface AccuracyCases {
  readonly ranks?: readonly number[];
  readonly feedbacks?: readonly ('implicit' | 'explicit')[];
  /** What sets the kernel apart from others of its name. */
  readonly how?: string;
}

/**
 * How far a kernel of a device may be from float64 after ten iterations: 1e-3 of the size of all
 * factors, 1e-4 of the loss.
 */
export function accuracySuite(
  kernel: GpuKernel,
  {
    ranks = [1, 8, 20, 64, 100, 128, 256],
    feedbacks = ['implicit', 'explicit'],
    how = '',
  }: AccuracyCases = {},
): void {
  for (const feedback of feedbacks) {
    for (const rank of ranks) {
      const title = `${kernel.name}${how}: ten iterations at rank ${rank}, ${feedback} feedback`;
      test.serial(title, async (t) => {
        const options = { rank, feedback };

        const found = await trainOnSkewed(kernel, options);
        const wanted = await trainOnSkewed(referenceKernel, options);

        const errors = {
          users: relativeError(found.users, wanted.users),
          items: relativeError(found.items, wanted.items),
          loss: Math.abs(found.loss / wanted.loss - 1),
        };
        t.log(errors);
        t.true(errors.users <= 1e-3 && errors.items <= 1e-3 && errors.loss <= 1e-4);
      });
    }
  }
}

/** What a kernel makes of rows of very different lengths; ten iterations by default. */
export async function trainOnSkewed(
  kernel: Parameters<typeof openKernel>[0],
  { feedback = 'implicit', ...others }: GivenJobOptions,
) {
  const options = { ...settings, feedback, alpha: alphas[feedback], ...others };
  const opened = await openKernel(kernel, randomRows(), options);
  const { reports } = await runKernel(opened);
  await opened.close();
  const { iterations } = options;
  return {
    users: factorsOf(opened.job, 'user', iterations),
    items: factorsOf(opened.job, 'item', iterations),
    loss: reports.at(-1)!.loss.total,
  };
}

function randomRows(): Ratings {
  const cells = counts.flatMap((count, user) =>
    Array.from({ length: itemCount - 50 }, (_, item) => item)
      .sort((a, b) => randomAt(1, user, a) - randomAt(1, user, b))
      .slice(0, count)
      .map((item) => [user, item, 1 + Math.floor(5 * randomAt(2, user, item))] as const),
  );
  return ratingsOf(cells, counts.length, itemCount);
}
