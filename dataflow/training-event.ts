import type { FaultReport, IterationReport, PhaseReport } from '../actors/run-event.js';
import type { KernelName, Solver } from '../src/kernels/kernel.js';
import type { FactorModel } from '../src/model/factor-model.js';
import type { DuplicatesPolicy, Ratings } from '../src/ratings/ratings.js';

/**
 * What a training run tells, a closed union on `type`. In order: `started`, then for every
 * iteration two `phase` and one `iteration`, `fault` in between where something broke, and
 * `finished` last.
 */
export type TrainingEvent =
  | StartedEvent
  | PhaseReport
  | FaultReport
  | IterationEvent
  | FinishedEvent;

/** Sizes, and what really runs. */
export interface StartedEvent {
  readonly type: 'started';
  readonly users: number;
  readonly items: number;
  readonly ratings: number;
  /** Ratings withheld for validation; 0 without a split, and where whole users are withheld. */
  readonly heldOut: number;
  readonly duplicates: { readonly policy: DuplicatesPolicy; readonly count: number };
  readonly rank: number;
  readonly iterations: number;
  readonly solver: Solver;
  readonly blocks: { readonly user: number; readonly item: number };
  readonly placement: string;
  readonly kernel: KernelName;
}

/** Both sides are solved once more: errors, loss, and the model as of now. */
export interface IterationEvent extends IterationReport {
  /**
   * The model as of this iteration, copied when called. Call it while the event is handled: when
   * training has moved on and overwritten the factors, it throws `StaleFactorsError`.
   */
  model(): FactorModel;
}

/** Training is done; the last event. */
export interface FinishedEvent {
  readonly type: 'finished';
  readonly iterations: number;
  /** From the subscription to the last phase. */
  readonly seconds: number;
  readonly model: FactorModel;
  /** What was trained on, and what was withheld if anything was; `evaluate` reads them. */
  readonly train: Ratings;
  readonly test: Ratings | undefined;
  /** What is known of users who were withheld as a whole, where the split has that. */
  readonly foldIn?: Ratings | undefined;
}
