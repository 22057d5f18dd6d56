import type { Placement } from '../../../actors/placements/placement.js';
import type { RunEvent } from '../../../actors/run-event.js';
import { startRun } from '../../../actors/training-run.js';
import type { KernelTraits } from '../../../src/kernels/kernel.js';
import { chooseKernel } from '../../../src/kernels/select/choose-kernel.js';
import { selectKernel } from '../../../src/kernels/select/select-kernel.js';
import type { Ratings } from '../../../src/ratings/ratings.js';
import { createJob, type WholeJob } from '../../../src/training/job.js';
import type { JobOptions } from '../../../src/training/options.js';
import { createFittingJob } from '../../../src/training/parts/create-parted-job.js';
import { createSpreadJob } from '../../../src/training/parts/create-spread-job.js';
import { settingsAsInPaper } from '../builders/as-in-paper.js';
import { factorsOf } from '../builders/jobs.js';

export interface RunOutcome {
  readonly events: readonly RunEvent[];
  /** Undefined if the run failed. */
  readonly factors: { readonly users: number[][]; readonly items: number[][] } | undefined;
  readonly error: unknown;
}

/** Runs a job by actors to its end. */
export async function runToEnd(
  ratings: Ratings,
  options: JobOptions,
  placement: Placement,
  onEvent: (event: RunEvent) => void = () => {},
): Promise<RunOutcome> {
  const { kernel } = await selectKernel({ wanted: options.kernel ?? 'auto' });
  const { slots, partBytes } = placement;
  const input = { ratings, kernel, settings: settingsAsInPaper(options), slots };
  const create = placement.openSpread ? createSpreadJob : createFittingJob;
  const job = create(input, partBytes);
  return new Promise((resolve) => {
    const events: RunEvent[] = [];
    let factors: RunOutcome['factors'];
    startRun(job, placement, {
      next(event) {
        events.push(event);
        onEvent(event);
        if (event.type !== 'trained') return;
        const { iterations } = job.settings.schedule;
        factors = {
          users: factorsOf(job, 'user', iterations),
          items: factorsOf(job, 'item', iterations),
        };
      },
      complete: () => resolve({ events, factors, error: undefined }),
      error: (error) => resolve({ events, factors, error }),
    });
  });
}

/** A job with a scratch region for every slot of the placement. */
export function jobFor(
  ratings: Ratings,
  options: JobOptions,
  placement: Placement,
  kernel: KernelTraits = chooseKernel('auto'),
): WholeJob {
  const settings = settingsAsInPaper(options);
  return createJob({ ratings, kernel, settings, slots: placement.slots });
}

/** As `faultsOf`, without those of nodes that are slow: on a busy machine anybody may be. */
export function lossesOf(outcome: Pick<RunOutcome, 'events'>): string[] {
  return faultsOf(outcome).filter((fault) => !fault.includes(': it is slow: '));
}

/** What the fault events of a run say, and of which node. */
export function faultsOf({ events }: Pick<RunOutcome, 'events'>): string[] {
  return events.flatMap((event) => {
    if (event.type !== 'fault') return [];
    return [event.component === 'node' ? `${event.node}: ${event.message}` : event.message];
  });
}
