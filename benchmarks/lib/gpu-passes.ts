import type { Ratings } from 'seesaw';
import type { Gpu } from '../../src/kernels/gpu/device/gpu.js';
import { gpuKernel } from '../../src/kernels/gpu/gpu-kernel.js';
import type { PassTime } from '../../src/kernels/gpu/wgsl/settings.js';
import { wgslProgram } from '../../src/kernels/gpu/wgsl/wgsl-program.js';
import { createJob } from '../../src/training/job.js';
import { paperSettings } from '../../src/training/options.js';
import { PhaseReducer } from '../../src/training/phase-reducer.js';
import { phasesOf, tasksOf } from '../../src/training/phases.js';
import { resolveJobOptions } from '../../src/training/resolve-options.js';
import { trainingSettings } from '../../src/training/training-settings.js';
import { objective } from './cases.js';
import type { GpuProgramName } from './gpu-check.js';

/** Seconds of an iteration on the device's own clock. */
export interface GpuTimes {
  readonly deviceSeconds: number;
  /** By shader. */
  readonly passes: Readonly<Record<string, number>>;
}

/**
 * Times the second of two iterations on the device's clock, without actors and stream; undefined if it
 * has no clock, or the program does not use it.
 */
export async function gpuTimes(
  gpu: Gpu,
  ratings: Ratings,
  { rank, program }: { readonly rank: number; readonly program: GpuProgramName },
): Promise<GpuTimes | undefined> {
  if (program !== 'wgsl' || !gpu.features.has('timestamp-query')) return undefined;
  let times: PassTime[] = [];
  const kernel = gpuKernel(wgslProgram(gpu, { onTimes: (batch) => times.push(...batch) }));
  const iterations = 2;
  const options = resolveJobOptions({ ...paperSettings, ...objective, rank, iterations });
  const job = createJob({ ratings, settings: trainingSettings(options), kernel, slots: 1 });
  try {
    const solver = await kernel.open(job.layout);
    try {
      const reducer = new PhaseReducer(job);
      for (const phase of phasesOf(job, iterations)) {
        // Only the last iteration counts.
        if (phase.iteration === iterations && phase.side === job.layout.phaseOrder[0]) times = [];
        const done = await Promise.all(tasksOf(job.layout, phase).map((task) => solver.run(task)));
        reducer.close(
          phase,
          done.map((each) => each!.sums),
        );
      }
    } finally {
      await solver.close();
    }
  } finally {
    job.release();
  }
  const passes: Record<string, number> = {};
  for (const { name, seconds } of times) passes[name] = (passes[name] ?? 0) + seconds;
  const deviceSeconds = Object.values(passes).reduce((sum, seconds) => sum + seconds, 0);
  return { deviceSeconds, passes };
}
