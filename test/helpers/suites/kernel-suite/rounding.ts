import test from 'ava';
import { ratingsOf } from '../../builders/jobs.js';
import { type TestedKernel, train } from './tested-kernel.js';

/** What is left when a row is solved is rounding error, and is left alone. */
export function testsRounding({ kernel, title }: TestedKernel): void {
  for (const [what, options] of [
    ['explicit feedback', { feedback: 'explicit', biases: false, globalMean: false }],
    ['biases', { feedback: 'explicit' }],
    ['observed cells alone', { unobservedWeight: 0, alpha: 2 }],
  ] as const) {
    test(title(`cg stops where curvature is rounding error, with ${what}`), async (t) => {
      // Two ratings a row: two steps solve a row of rank 16 (three with a bias), the others see rounding.
      const ratings = ratingsOf(
        Array.from(
          { length: 60 },
          (_, n) => [n >> 1, ((n >> 1) + (n & 1)) % 30, 1 + (n % 5)] as const,
        ),
        30,
        30,
      );
      const settings = { rank: 16, regularization: 0, iterations: 1, ...options };

      for (const cgSteps of [3, 10, 40]) {
        const { reports } = await train(kernel, ratings, { ...settings, cgSteps });
        // 8e-6 at most was measured; without the guard WASM comes to a loss between 6e4 and 9e14.
        t.true(Math.abs(reports[0]!.loss.total) <= 1e-4, `${cgSteps}: ${reports[0]!.loss.total}`);
      }
    });
  }
}
