import { of, tap } from 'rxjs';
import type { Placement } from '../../../actors/placements/placement.js';
import type { MeasuredTask } from '../../../actors/planning/fit-seconds.js';
import { train } from '../../../dataflow/training/train.js';
import type { Solver } from '../../kernels/kernel-names.js';
import { opposite, type Ratings } from '../../ratings/ratings.js';
import { unlessStopped } from '../unless-stopped.js';

export const cgSteps = 2;
export const subspaceSize = 32;

/** A training that is timed. */
export interface TimedRun {
  readonly rank: number;
  readonly solver?: Solver;
  readonly blocks?: number;
  readonly placement: Placement;
  /** The first one compiles and touches memory, and does not count. */
  readonly iterations: number;
  readonly stopped: AbortSignal;
  /** Called after each iteration, with its number. */
  readonly onIteration?: (iteration: number) => void;
}

/** A run's tasks, and the time around them: of the fastest iteration each. */
export interface ObservedRun {
  readonly tasks: readonly MeasuredTask[];
  /** In which no task ran, if there is one thread. */
  readonly idleSeconds: number;
}

/** Trains and notes what each task took. */
export async function observeRun(ratings: Ratings, run: TimedRun): Promise<ObservedRun> {
  const { rank, solver = 'cg', blocks, placement, iterations, stopped, onIteration } = run;
  const sizes = { user: ratings.byUser.rowCount, item: ratings.byItem.rowCount };
  const fastest = new Map<string, MeasuredTask>();
  let [busy, idleSeconds] = [0, Number.POSITIVE_INFINITY];
  await unlessStopped(
    stopped,
    of(ratings).pipe(
      train({
        ...{ rank, solver, iterations, placement, alpha: 2, regularization: 1, kernel: 'wasm' },
        ...{ subspaceSize, balance: false, validationUsers: 0 },
        ...(solver === 'cg' && { cgSteps }),
        ...(blocks !== undefined && { blocks }),
      }),
      tap((event) => {
        if (event.type === 'phase') {
          const { side } = event;
          const fixedRows = sizes[opposite(side)];
          for (const { block, rows, ratings, seconds } of event.blocks) {
            busy += seconds;
            const isMeasured = side === 'item';
            const size = { solver, rank, cgSteps, subspaceSize, ratings, rows };
            const task = { ...size, fixedRows, isMeasured, seconds };
            const key = `${side} ${block}`;
            const known = fastest.get(key);
            if (known === undefined || seconds < known.seconds) fastest.set(key, task);
          }
        }
        if (event.type !== 'iteration') return;
        if (event.iteration === 1) fastest.clear();
        else idleSeconds = Math.min(idleSeconds, event.seconds - busy);
        busy = 0;
        onIteration?.(event.iteration);
      }),
    ),
  );
  return { tasks: [...fastest.values()], idleSeconds: Math.max(1e-6, idleSeconds) };
}
