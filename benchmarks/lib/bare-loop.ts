import type { KernelName, Ratings } from 'seesaw';
import type { BlockSolver } from '../../src/kernels/kernel.js';
import { chooseKernel } from '../../src/kernels/select/choose-kernel.js';
import { createJob } from '../../src/training/job.js';
import { paperSettings } from '../../src/training/options.js';
import { resolveJobOptions } from '../../src/training/resolve-options.js';
import { runInPlace } from '../../src/training/run-in-place.js';
import { trainingSettings } from '../../src/training/training-settings.js';
import { modelOptionsOf, type SeesawSettings } from './seesaw-settings.js';
import type { Trial } from './trial.js';

/** Seconds of every iteration of a loop around the kernel in this thread, without actors or stream. */
export function timeBareLoop(
  ratings: Ratings,
  trial: Trial & SeesawSettings,
): {
  kernel: KernelName;
  seconds: number[];
  kernelSeconds: number[];
  losses: number[];
  loss: number;
} {
  const kernel = chooseKernel(trial.kernel ?? 'auto');
  const options = resolveJobOptions({ ...paperSettings, ...modelOptionsOf(trial) });
  const job = createJob({ ratings, settings: trainingSettings(options), kernel, slots: 1 });
  const solve = kernel.open(job.layout);
  const startsMs: number[] = [];
  const [firstSide] = job.layout.phaseOrder;
  const clocked: BlockSolver = {
    run(task, slot) {
      if (task.kind === 'solve' && task.block === 0 && task.side === firstSide) {
        startsMs.push(performance.now());
      }
      return solve.run(task, slot);
    },
  };
  const reports = runInPlace(job, clocked);
  startsMs.push(performance.now());
  return {
    kernel: kernel.name,
    seconds: startsMs.slice(1).map((end, at) => (end - startsMs[at]!) / 1000),
    kernelSeconds: [],
    losses: reports.map(({ loss }) => loss.total),
    loss: reports.at(-1)!.loss.total,
  };
}
