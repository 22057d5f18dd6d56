import { Observable, Subscription } from 'rxjs';
import type { Placement } from '../../actors/placements/placement.js';
import type { TrainingRun } from '../../actors/training-run.js';
import { InvalidOptionError } from '../../src/errors.js';
import type { KernelChoice } from '../../src/kernels/select/kernel-choice.js';
import { selectKernel } from '../../src/kernels/select/select-kernel.js';
import { gpuWorkOf } from '../../src/training/gpu-work-of.js';
import type { Job } from '../../src/training/job.js';
import { beginRun } from './begin-run.js';
import { makeJob } from './make-job.js';
import { checkPlacement } from './training-control.js';
import type { TrainingEvent } from './training-event.js';
import { type TrainingInput, validationOf } from './training-input.js';

/** The kernel for a job in a place. */
async function chooseFor(
  input: TrainingInput,
  placement: Placement,
  signal: AbortSignal,
): Promise<KernelChoice> {
  const { ratings, settings, control } = input;
  const places = await placement.kernels?.(signal);
  const canUseGpu = places !== undefined || placement.takesGpuKernels === true;
  return selectKernel({
    wanted: settings.kernel,
    ...(places && { places }),
    ...(canUseGpu && { gpuWork: gpuWorkOf(ratings, validationOf(input), settings) }),
    ...(control.gpu && { gpu: control.gpu }),
  });
}

/** One run, started by the subscription and stopped by unsubscribing; see `train`. */
export function runTraining(input: TrainingInput): Observable<TrainingEvent> {
  const { placement$, pause$ } = input.control;
  // Not composed from operators: this is where the actors' callbacks enter the stream, where the
  // streams of options reach the actors, and where unsubscribing must reach threads.
  return new Observable((subscriber) => {
    const startMs = performance.now();
    const controls = new Subscription();
    let run: TrainingRun | undefined;
    let isPaused = false;
    let wanted: Placement | undefined;
    const closing = new AbortController();

    const fail = (error: unknown): void => {
      controls.unsubscribe();
      if (run === undefined) subscriber.error(error);
      else void run.stop().then(() => subscriber.error(error));
    };
    const hold = (paused: boolean): void => {
      isPaused = paused;
      if (paused) run?.pause();
      else run?.resume();
    };
    const begin = (job: Job, placement: Placement, choice: KernelChoice): void => {
      run = beginRun(job, input, placement, choice, startMs, {
        next: (event) => subscriber.next(event),
        error(error) {
          controls.unsubscribe();
          subscriber.error(error);
        },
        complete() {
          controls.unsubscribe();
          subscriber.complete();
        },
      });
      if (isPaused) run.pause();
    };
    const choose = async (placement: Placement): Promise<void> => {
      try {
        const choice = await chooseFor(input, placement, closing.signal);
        if (closing.signal.aborted) return;
        const job = await makeJob(input, placement, choice.kernel, closing.signal);
        if (closing.signal.aborted) return job.release();
        begin(job, placement, choice);
        if (wanted !== placement) run!.moveTo(wanted!);
      } catch (error) {
        fail(error);
      }
    };

    subscriber.add(() => {
      closing.abort();
      controls.unsubscribe();
      void run?.stop();
    });
    controls.add(pause$.subscribe({ next: hold, error: fail, complete: () => hold(false) }));
    if (controls.closed) return;
    controls.add(
      placement$.subscribe({
        next(placement) {
          try {
            checkPlacement(placement);
          } catch (error) {
            return fail(error);
          }
          if (run !== undefined) return run.moveTo(placement);
          const isFirst = wanted === undefined;
          wanted = placement;
          if (isFirst) void choose(placement);
        },
        error: fail,
        complete() {
          if (wanted !== undefined || controls.closed) return;
          const message =
            'found a stream that completed without a placement; expected one of inProcess() or threads(n)';
          fail(new InvalidOptionError('placement', message));
        },
      }),
    );
  });
}
