import { Observable, Subscription } from 'rxjs';
import type { Placement } from '../../actors/placements/placement.js';
import type { TrainingRun } from '../../actors/training-run.js';
import { InvalidOptionError } from '../../src/errors.js';
import { beginRun, type TrainingInput } from './begin-run.js';
import { checkPlacement } from './training-control.js';
import type { TrainingEvent } from './training-event.js';

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
    const begin = (placement: Placement): void => {
      run = beginRun(input, placement, startMs, {
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

    subscriber.add(() => {
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
            if (run === undefined) begin(placement);
            else run.moveTo(placement);
          } catch (error) {
            fail(error);
          }
        },
        error: fail,
        complete() {
          if (run !== undefined || controls.closed) return;
          const found = 'a stream that completed without a value';
          fail(new InvalidOptionError('placement', found, 'a stream of inProcess() or threads(n)'));
        },
      }),
    );
  });
}
