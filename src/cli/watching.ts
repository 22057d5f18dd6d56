import { once } from 'node:events';
import { BehaviorSubject, type Observable, Subject } from 'rxjs';
import type { Placement } from '../../actors/placements/placement.js';
import type { TrainingOptions } from '../../dataflow/training/train.js';
import type { WatchedRun } from '../../dataflow/watch/watched-run.js';
import type { FactorModel } from '../model/factor-model.js';
import type { WatchingFlags } from './watching-flags.js';

/** The page of a run of the command line; without the flag nothing. */
export interface Watching {
  /** Options of `train` that the page's buttons reach through. */
  control(options: TrainingOptions): TrainingOptions;
  /** The same of a search: its `pause`. */
  pausing(): Observable<boolean> | undefined;
  /** The user asked to stop and keep the model. */
  readonly stop$: Observable<void>;
  /** Serves the page and says where. */
  open(): Promise<void>;
  event(event: { readonly type: string }): void;
  model(model: FactorModel): void;
  /** The run is over: keeps the page until the command is stopped. */
  stay(stopped: AbortSignal): Promise<void>;
  /** Closes the page. */
  close(error?: unknown): Promise<void>;
}

/** @param modelPath where the model will be saved */
export function watching({ watch, watchPort }: WatchingFlags, modelPath: string): Watching {
  const stop$ = new Subject<void>();
  const isWatched = watch === true || watchPort !== undefined;
  let pause: BehaviorSubject<boolean> | undefined;
  let placement: BehaviorSubject<Placement> | undefined;
  let run: WatchedRun | undefined;
  return {
    stop$,
    control(options) {
      if (!isWatched) return options;
      pause = new BehaviorSubject(false);
      // The command line gives one place.
      placement = new BehaviorSubject(options.placement as Placement);
      return { ...options, pause, placement };
    },
    pausing() {
      if (isWatched) pause = new BehaviorSubject(false);
      return pause;
    },
    async open() {
      if (!isWatched) return;
      const { openWatchedRun } = await import('../../dataflow/watch/watched-run.js');
      run = await openWatchedRun({
        ...{ port: watchPort, model: modelPath, pause, placement },
        stop: () => stop$.next(),
      });
      process.stderr.write(`watch it at ${run.url}\n`);
    },
    event: (event) => run?.event(event),
    model: (model) => run?.model(model),
    async stay(stopped) {
      if (run === undefined) return;
      await run.end();
      process.stderr.write(`the page stays at ${run.url} until Ctrl-C\n`);
      if (!stopped.aborted) await once(stopped, 'abort');
    },
    async close(error) {
      await run?.end(error);
      await run?.close();
    },
  };
}
