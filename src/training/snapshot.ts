import { factorSpans, fillSpans, joinSpans } from './factor-spans.js';
import type { IterationMetrics } from './iteration-metrics.js';
import type { Job } from './job.js';

/**
 * All that a job's next phase reads which the ratings and the options do not give: with it, a job
 * goes on to the same bits. Gram matrices are summed from the factors again.
 */
export interface Snapshot {
  /** Iterations that are done, ≥ 1. */
  readonly iteration: number;
  /** Row-major, users × stride, rows in the numbering inside, padding included. */
  readonly userFactors: Float32Array | Float64Array;
  readonly itemFactors: Float32Array | Float64Array;
  /** Errors of the iterations so far, in order. */
  readonly history: readonly IterationMetrics[];
  /** Models of iterations so far that the run may end with. */
  readonly kept: readonly KeptModel[];
}

/** What is needed to end a run with the model of an earlier iteration. Its arrays are never written to. */
export interface KeptModel {
  /** The operator that keeps it. */
  readonly name: string;
  readonly iteration: number;
  readonly rank: number;
  /** Row-major, users × rank, in the order of positions. */
  readonly userFactors: Float32Array;
  readonly itemFactors: Float32Array;
  /** By position; both, or neither in a model without biases. */
  readonly userBiases: Float32Array | undefined;
  readonly itemBiases: Float32Array | undefined;
}

/** A copy of a job as it is after its last iteration, the end of `history`. */
export function takeSnapshot(
  job: Job,
  history: readonly IterationMetrics[],
  kept: readonly KeptModel[],
): Snapshot {
  const { iteration } = history.at(-1)!;
  return {
    iteration,
    userFactors: joinSpans(factorSpans(job, 'user', iteration)),
    itemFactors: joinSpans(factorSpans(job, 'item', iteration)),
    history: history.slice(),
    kept,
  };
}

/** Brings a new job to where a job of the same ratings and options was when the snapshot was taken. */
export function restoreSnapshot(job: Job, snapshot: Snapshot): void {
  const { iteration } = snapshot;
  fillSpans(factorSpans(job, 'user', iteration), snapshot.userFactors);
  fillSpans(factorSpans(job, 'item', iteration), snapshot.itemFactors);
}
