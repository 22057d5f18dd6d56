import type { Observer } from 'rxjs';
import type { Placement } from '../../actors/placements/placement.js';
import { startRun, type TrainingRun } from '../../actors/training-run.js';
import type { KernelChoice } from '../../src/kernels/select/kernel-choice.js';
import type { Job } from '../../src/training/job.js';
import { keepJob } from './keep-job.js';
import { mapRunEvents } from './map-run-events.js';
import type { TrainingEvent } from './training-event.js';
import type { TrainingInput } from './training-input.js';

/**
 * Starts the run of a job and emits its events. After `stop` it emits nothing, and factors that were not
 * copied are gone. The run owns the job.
 *
 * @param startMs when the run was asked for, by `performance.now()`
 */
export function beginRun(
  job: Job,
  input: TrainingInput,
  placement: Placement,
  choice: KernelChoice,
  startMs: number,
  observer: Observer<TrainingEvent>,
): TrainingRun {
  const { control } = input;
  const onEnd = () => keeper.release();
  const events = mapRunEvents({ job, input, placement, choice, startMs, onEnd }, observer);
  const keeper = keepJob(job, control, events);
  const run = startRun(job, placement, events, {
    restored: keeper.restored.then((restored) => {
      events.goOnFrom(restored);
      return restored.history;
    }),
    ...(keeper.checkpoints && { checkpoints: keeper.checkpoints }),
  });
  return {
    ...run,
    stop() {
      events.stop();
      keeper.release();
      return run.stop();
    },
  };
}
