import test from 'ava';
import type { ErrorSums } from '../../../../src/kernels/kernel.js';
import { ratingsOf, withhold } from '../../builders/jobs.js';
import { near, type TestedKernel, train } from './tested-kernel.js';

/** Sums over the cells of a block. */
export function testsSums({ kernel, tolerance, title }: TestedKernel): void {
  test(title('sums are those of the cells, withheld ones apart'), async (t) => {
    const ratings = ratingsOf(
      [
        [0, 0, 1],
        [0, 1, 5],
        [1, 1, 3],
        [2, 0, 2],
        [2, 2, 4],
      ],
      3,
      3,
    );
    const heldOut = withhold(ratings, [
      [0, 2, 5],
      [1, 0, 2],
    ]);

    const { job, sums, users, items } = await train(
      kernel,
      ratings,
      { rank: 2, alpha: 3, iterations: 1, balance: false },
      { heldOut },
    );

    const expected = sumsOf([
      [0, 0, 1],
      [0, 1, 5],
      [1, 1, 3],
      [2, 0, 2],
      [2, 2, 4],
    ]);
    const withheld = sumsOf([
      [0, 2, 5],
      [1, 0, 2],
    ]);
    for (const name of Object.keys(expected) as (keyof ErrorSums)[]) {
      near(t, sums[name], expected[name], tolerance, name);
      near(t, sums.heldOut[name], withheld[name], tolerance, `withheld ${name}`);
    }
    const squares = items.flat().reduce((sum, y) => sum + y * y, 0);
    near(
      t,
      sums.regularization,
      job.settings.loss.regularization * squares,
      tolerance,
      'regularization',
    );

    function sumsOf(cells: readonly (readonly [number, number, number])[]): ErrorSums {
      const total = {
        squared: 0,
        absolute: 0,
        squaredPreference: 0,
        loss: 0,
        squaredPrediction: 0,
      };
      for (const [user, item, rating] of cells) {
        const d = users[user]!.reduce((sum, x, i) => sum + x * items[item]![i]!, 0);
        total.squared += (rating - d) ** 2;
        total.absolute += Math.abs(rating - d);
        total.squaredPreference += (1 - d) ** 2;
        total.loss += (1 + 3 * rating) * (1 - d) ** 2;
        total.squaredPrediction += d ** 2;
      }
      return total;
    }
  });

  test(title('sums with biases are against the ratings as they came'), async (t) => {
    const cells = [
      [0, 0, 1],
      [0, 1, 5],
      [1, 1, 3],
      [2, 0, 2],
      [2, 2, 5],
    ] as const;
    const ratings = ratingsOf(cells, 3, 3);
    const settings = { rank: 2, regularization: 0.5, iterations: 2, balance: false };
    const options = { feedback: 'explicit', ...settings } as const;

    const { job, sums, users, items } = await train(kernel, ratings, options, {
      heldOut: withhold(ratings, cells),
    });

    const mean = (1 + 5 + 3 + 2 + 5) / 5;
    near(t, job.layout.weighting.offset, mean, 1e-15, 'mean');
    let [squared, absolute] = [0, 0];
    for (const [user, item, rating] of cells) {
      const [x, y] = [users[user]!, items[item]!];
      const error = rating - (mean + x[0]! * y[0]! + x[1]! * y[1]! + x[2]! + y[3]!);
      squared += error ** 2;
      absolute += Math.abs(error);
    }
    for (const found of [sums, sums.heldOut]) {
      near(t, found.squared, squared, tolerance, 'squared');
      near(t, found.loss, squared, tolerance, 'loss');
      near(t, found.absolute, absolute, tolerance, 'absolute');
    }
    const squares = items.reduce((sum, [a, b, , bias]) => sum + a! ** 2 + b! ** 2 + bias! ** 2, 0);
    near(t, sums.regularization, 0.5 * squares, tolerance, 'regularization');
  });
}
