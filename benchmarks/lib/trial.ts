import type { Solver } from 'seesaw';
import type { CaseFiles } from './case-files.js';

/** One training run to be timed, as its process gets it. Seesaw and every peer read this object. */
export interface Trial extends CaseFiles {
  readonly rank: number;
  readonly solver: Solver;
  readonly cgSteps: number;
  readonly threads: number;
  readonly alpha: number;
  readonly regularization: number;
  /** ν: a row with n ratings is regularized by λ·n^ν. */
  readonly regularizationExponent: number;
  readonly seed: number;
  /** All of them, the ones to warm up included. */
  readonly iterations: number;
  /** Whether to compute the loss at the end, which costs a pass over the ratings. */
  readonly withLoss: boolean;
}

/** What its process answers, as the last line of its standard output. */
export interface TrialResult {
  readonly library: string;
  /** Of the library. */
  readonly version: string;
  /** Language and its version: `Node 26.10.0`, `Python 3.11.7`. */
  readonly runtime: string;
  /** Of every iteration in turn. A library that does not tell gives one average. */
  readonly seconds: readonly number[];
  /** After the last iteration, over all cells. */
  readonly loss?: number;
  /** Highest resident memory while training, ratings already in memory. */
  readonly peakBytes: number;
}

/** A library that can run a trial, each time in a process of its own. */
export interface Contender<Result extends TrialResult = TrialResult> {
  readonly name: string;
  run(trial: Trial): Promise<Result>;
}
