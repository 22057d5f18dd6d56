import type { Solver } from '../kernels/kernel.js';

/** Starting values instead of random ones, row-major rows × rank, rows in the order of the ids. */
export interface InitialFactors {
  readonly userFactors: Float32Array | Float64Array;
  readonly itemFactors: Float32Array | Float64Array;
}

/** The model's and the solver's settings; where it runs is not among them. */
export interface JobOptions {
  /** What a rating means: a count of interest, or a grade. Default implicit. */
  readonly feedback?: 'implicit' | 'explicit';
  /** Number of latent dimensions, 1 to 512, with `subspace` to 2048. Default 64. */
  readonly rank?: number;
  /** User phase plus item phase, this many times, ≥ 1. Default 15. */
  readonly iterations?: number;
  /** λ ≥ 0. Default 0.01. */
  readonly regularization?: number;
  /** ν ≥ 0: a row with n ratings is regularized by λ·n^ν. 0 is plain, 1 is ALS-WR. Default 0. */
  readonly regularizationExponent?: number;
  /** Confidence of an observed cell is 1 + alpha·rating, alpha ≥ 0; implicit only. Default 40. */
  readonly alpha?: number;
  /** Weight of an unobserved cell, ≥ 0; implicit only. Default 1. */
  readonly unobservedWeight?: number;
  /**
   * A few conjugate gradient steps (`cg`), exact solves (`cholesky`), or exact solves in one subspace
   * of dimensions after the other (`subspace`, iALS++), for high ranks. Default cg.
   */
  readonly solver?: Solver;
  /** Conjugate gradient steps a row and phase, ≥ 1. Default 3. */
  readonly cgSteps?: number;
  /** Dimensions that `subspace` solves together, a multiple of 8 from 8 to 128. Default 32. */
  readonly subspaceSize?: number;
  /** Seed of the starting factors, an integer from 0 to 2³² − 1. Default 42. */
  readonly seed?: number;
  readonly initialFactors?: InitialFactors;
  /** Blocks a side, 1 to 32. By default as many as the work is worth. */
  readonly blocks?: number;
  /** `auto` and `wasm` take the fastest WASM build that this machine runs. Default auto. */
  readonly kernel?: 'auto' | 'reference' | 'wasm' | 'gpu';
}

/** `JobOptions` checked and with every default filled in. */
export type ResolvedJobOptions = Readonly<
  Required<Omit<JobOptions, 'initialFactors' | 'blocks'>> &
    Pick<JobOptions, 'initialFactors' | 'blocks'>
>;

export const defaultJobOptions = Object.freeze({
  feedback: 'implicit',
  rank: 64,
  iterations: 15,
  regularization: 0.01,
  regularizationExponent: 0,
  alpha: 40,
  unobservedWeight: 1,
  solver: 'cg',
  cgSteps: 3,
  subspaceSize: 32,
  seed: 42,
  kernel: 'auto',
} as const);
