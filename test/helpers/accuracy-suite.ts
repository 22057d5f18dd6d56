import test from 'ava';
import type { DeviceKernel } from '../../src/kernels/kernel.js';
import { referenceKernel } from '../../src/kernels/reference.js';
import { randomAt } from '../../src/random.js';
import type { Ratings } from '../../src/ratings/ratings.js';
import type { JobOptions } from '../../src/training/options.js';
import { factorsOf, ratingsOf, relativeError } from './jobs.js';
import { openKernel, runKernel } from './open-kernel.js';

/** Ratings of every user; items have between none and eight. */
const counts = [5000, 1000, 300, 100, 30, 10, 3, 1, 0];
const itemCount = 5050;

/**
 * Float32 solves a system to about 1e-7 of its condition, here that of a row with 5,000 ratings; with
 * less regularization no float32 kernel is within 1e-3.
 */
const settings = Object.freeze({ regularization: 10, iterations: 10, solver: 'cg' });
const alphas = Object.freeze({ implicit: 2, explicit: 0 });

/**
 * How far a kernel of a device may be from float64 after ten iterations: 1e-3 of the size of all
 * factors, 1e-4 of the loss. Takes minutes.
 */
export function accuracySuite(kernel: DeviceKernel): void {
  for (const feedback of ['implicit', 'explicit'] as const) {
    for (const rank of [1, 8, 20, 64, 100, 128, 256]) {
      test.serial(
        `${kernel.name}: ten iterations at rank ${rank}, ${feedback} feedback`,
        async (t) => {
          const options = { ...settings, rank, feedback, alpha: alphas[feedback] };
          const ratings = randomRows();

          const found = await train(kernel, ratings, options);
          const wanted = await train(referenceKernel, ratings, options);

          const errors = {
            users: relativeError(found.users, wanted.users),
            items: relativeError(found.items, wanted.items),
            loss: Math.abs(found.loss / wanted.loss - 1),
          };
          t.log(errors);
          t.true(errors.users <= 1e-3 && errors.items <= 1e-3 && errors.loss <= 1e-4);
        },
      );
    }
  }
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

async function train(
  kernel: Parameters<typeof openKernel>[0],
  ratings: Ratings,
  options: JobOptions,
) {
  const opened = await openKernel(kernel, ratings, options);
  const { reports } = await runKernel(opened);
  await opened.close();
  return {
    users: factorsOf(opened.job, 'user', 10),
    items: factorsOf(opened.job, 'item', 10),
    loss: reports.at(-1)!.loss.total,
  };
}
