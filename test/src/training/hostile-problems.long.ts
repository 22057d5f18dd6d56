import test from 'ava';
import { kernelNamed } from '../../../src/kernels/select/choose-kernel.js';
import { kernelsHere } from '../../../src/kernels/select/select-kernel.js';
import { tryProblems } from '../../helpers/suites/try-problem.js';

for (const name of kernelsHere()) {
  test(`${name}: thousands of hostile problems give finite models or errors that say why`, (t) => {
    t.timeout(3_600_000);
    const failed = tryProblems(t, kernelNamed(name), 'hostile', { first: 1000, count: 3500 });
    t.true(failed > 0 && failed < 1750, `${failed} of 3500 were refused`);
  });

  test(`${name}: thousands of ordinary problems never end with an error`, (t) => {
    t.timeout(3_600_000);
    t.is(tryProblems(t, kernelNamed(name), 'ordinary', { first: 1000, count: 3500 }), 0);
  });
}
