import test from 'ava';
import { kernelNamed } from '../../../src/kernels/select/choose-kernel.js';
import { kernelsHere } from '../../../src/kernels/select/select-kernel.js';
import { compareProblems, exactSolvers } from '../../helpers/suites/compare-problems.js';

for (const name of kernelsHere().filter((kernel) => kernel !== 'reference')) {
  for (const solver of exactSolvers) {
    for (const kind of ['hostile', 'ordinary'] as const) {
      test(`${name}: rows of ${solver} are those of the reference in thousands of ${kind} problems`, (t) => {
        t.timeout(3_600_000);
        const seeds = { first: 1000, count: 3000 };
        const refused = compareProblems(t, kernelNamed(name), kind, solver, seeds);
        if (kind === 'ordinary') t.is(refused, 0);
        else t.true(refused < 1800, `${refused} of 3000 were refused`);
      });
    }
  }
}
