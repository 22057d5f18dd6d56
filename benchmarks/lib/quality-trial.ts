import type { CaseFiles } from './case-files.js';

/** One run to be watched, as its process gets it. Seesaw and every peer read this object. */
export interface QualityTrial extends CaseFiles {
  readonly rank: number;
  readonly solver: 'cg' | 'cholesky';
  readonly cgSteps: number;
  readonly threads: number;
  readonly alpha: number;
  readonly regularization: number;
  readonly regularizationExponent: number;
  readonly seed: number;
  readonly iterations: number;
  /** File with users × items withheld ratings as two columns of int32, one behind the other. */
  readonly test: string;
  /** How many users with withheld ratings get lists; 0 for none. */
  readonly testUsers: number;
  /** Where Seesaw's factors start; its default without. */
  readonly start?: 'sketch' | 'random';
}

/** What its process answers. Clocks stand still while quality is measured. */
export interface QualityResult {
  readonly library: string;
  readonly version: string;
  readonly runtime: string;
  /** Since training began, at the end of every iteration. */
  readonly seconds: readonly number[];
  /** The objective over all cells after every iteration, in float64. */
  readonly losses: readonly number[];
  /** NDCG@20 of the sampled users after every iteration; empty if none were to be measured. */
  readonly ndcgs: readonly number[];
}
