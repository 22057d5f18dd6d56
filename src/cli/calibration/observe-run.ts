import { of, tap } from 'rxjs';
import type { Placement } from '../../../actors/placements/placement.js';
import type { MeasuredTask } from '../../../actors/planning/fit-seconds.js';
import { quantiles } from '../../../actors/planning/machine-figures.js';
import { farShare, type TaskSize } from '../../../actors/planning/solve-seconds.js';
import { train } from '../../../dataflow/training/train.js';
import type { Solver } from '../../kernels/kernel-names.js';
import type { Ratings } from '../../ratings/ratings.js';
import type { RowLengths } from '../../ratings/sparse-rows.js';
import { unlessStopped } from '../unless-stopped.js';
import { type CoresAtWork, type Probe, speedBetween } from './machine-speed.js';

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
  /** Asked before and after each phase. */
  readonly probe: Probe;
  /** Whether the placement keeps one core at work or all. */
  readonly cores: CoresAtWork;
  /** Called after each iteration, with its number. */
  readonly onIteration?: (iteration: number) => void;
}

/**
 * A run's tasks, and the time around them. In the place of seconds are pieces: how often the fixed piece
 * of work could have been done, by the probes before and after. Medians of iterations.
 */
export interface ObservedRun {
  readonly tasks: readonly MeasuredTask[];
  /** In which no task ran, if there is one thread. */
  readonly idleSeconds: number;
}

/** Trains and notes what each task took. */
export async function observeRun(ratings: Ratings, run: TimedRun): Promise<ObservedRun> {
  const { rank, solver = 'cg', blocks, placement, iterations, stopped, onIteration } = run;
  const { probe, cores } = run;
  const lengths = { user: ratings.byUser, item: ratings.byItem };
  const sizeOfFixed = ({ rowCount, offsets }: RowLengths) => ({
    fixedRows: rowCount,
    farShare: farShare({ rowCount, entriesBefore: (row) => offsets[row]! }, rank),
  });
  const fixedSizes = { user: sizeOfFixed(ratings.byItem), item: sizeOfFixed(ratings.byUser) };
  const tasks = new Map<string, { readonly size: TaskSize; readonly pieces: number[] }>();
  const idle: number[] = [];
  let idleOfIteration = 0;
  let before = probe();
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
          const after = probe();
          const { [cores]: piece } = speedBetween(before, after);
          before = after;
          const { side, iteration } = event;
          const fixed = fixedSizes[side];
          idleOfIteration += event.seconds / piece;
          let first = 0;
          for (const { block, rows, ratings, seconds } of event.blocks) {
            idleOfIteration -= seconds / piece;
            const ratedRows = ratedBetween(lengths[side], first, first + rows);
            first += rows;
            if (iteration === 1) continue;
            const isMeasured = side === 'item';
            const size = { solver, rank, cgSteps, subspaceSize, ratings, rows, ratedRows };
            const key = `${side} ${block}`;
            const task = tasks.get(key) ?? { size: { ...size, ...fixed, isMeasured }, pieces: [] };
            task.pieces.push(seconds / piece);
            tasks.set(key, task);
          }
        }
        if (event.type !== 'iteration') return;
        if (event.iteration > 1) idle.push(idleOfIteration);
        idleOfIteration = 0;
        onIteration?.(event.iteration);
      }),
    ),
  );
  const median = (pieces: readonly number[]) => quantiles(pieces, [0.5])[0]!;
  return {
    tasks: [...tasks.values()].map(({ size, pieces }) => ({ ...size, seconds: median(pieces) })),
    idleSeconds: Math.max(1e-4, median(idle)),
  };
}

/** Rows with ratings. */
function ratedBetween({ offsets }: RowLengths, first: number, end: number): number {
  let count = 0;
  for (let row = first; row < end; row++) if (offsets[row + 1]! > offsets[row]!) count++;
  return count;
}
