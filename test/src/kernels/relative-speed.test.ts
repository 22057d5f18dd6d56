import test from 'ava';
import { chooseKernel } from '../../../src/kernels/choose-kernel.js';
import type { Kernel, Solver } from '../../../src/kernels/kernel.js';
import { referenceKernel } from '../../../src/kernels/reference.js';
import { Accounts } from '../../../src/training/accounts.js';
import { type PhaseId, phasesOf, tasksOf } from '../../../src/training/phases.js';
import { openJob, randomRatings } from '../../helpers/jobs.js';

/*
 * What is compared runs in turns in this process, and the fastest of each counts: a busy machine
 * slows both. Limits are far below what was measured, so that only a lost optimisation crosses them.
 */
const rank = 64;

/** A user phase over random ratings, to be run again and again. */
function userPhase(kernel: Kernel, solver: Solver, users: number) {
  const ratings = randomRatings({ users, items: 400, density: 0.25 });
  const opened = openJob(kernel, ratings, { rank, solver, blocks: 1 });
  const [gram, solve] = phasesOf(opened.job.layout, 1);
  const run = (phase: PhaseId) =>
    tasksOf(opened.job.layout, phase).map((task) => opened.solver.run(task, 0)!);
  new Accounts(opened.job).close(gram!, run(gram!));
  return () => run(solve!);
}

/** Time of `slow` / time of `quick`, the fastest of several runs each. */
function timesAsLong(slow: () => unknown, quick: () => unknown): number {
  const fastest = { slow: Number.POSITIVE_INFINITY, quick: Number.POSITIVE_INFINITY };
  for (let turn = 0; turn < 12; turn++) {
    for (const [name, run] of [
      ['slow', slow],
      ['quick', quick],
    ] as const) {
      const startMs = performance.now();
      run();
      fastest[name] = Math.min(fastest[name], performance.now() - startMs);
    }
  }
  return fastest.slow / fastest.quick;
}

const outruns = test.macro({
  exec(t, solver: Solver, least: number) {
    const reference = userPhase(referenceKernel, solver, 60);
    const fast = userPhase(chooseKernel('auto'), solver, 60);

    const ratio = timesAsLong(reference, fast);
    t.true(ratio > least, `${ratio.toFixed(2)} times as fast; expected ${least}`);
  },
  title: (_, solver, least) =>
    `${solver} in WASM is more than ${least} times as fast as its definition`,
});

// Measured on Node 20 with simd128: 130 and 44 times; relaxed SIMD is faster still.
test.serial(outruns, 'cg', 30);
test.serial(outruns, 'cholesky', 12);

for (const solver of ['cg', 'cholesky'] as const) {
  // Measured: 2.0 times.
  test.serial(`${solver}: twice the rows take less than three times as long`, (t) => {
    const kernel = chooseKernel('auto');

    const ratio = timesAsLong(userPhase(kernel, solver, 600), userPhase(kernel, solver, 300));
    t.true(ratio < 3, `${ratio.toFixed(2)} times as long`);
  });
}

// Measured: 3.5 times.
test.serial('at rank 64 cholesky takes less than eight times as long as cg', (t) => {
  const kernel = chooseKernel('auto');

  const ratio = timesAsLong(userPhase(kernel, 'cholesky', 300), userPhase(kernel, 'cg', 300));
  t.true(ratio < 8, `${ratio.toFixed(2)} times as long`);
});
