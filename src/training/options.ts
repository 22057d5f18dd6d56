import type { Objective } from '../kernels/job-layout.js';
import type { Solver } from '../kernels/kernel-names.js';
import type { ProcessorKernelOption } from '../kernels/select/choose-kernel.js';

/**
 * Starting values instead of random ones, row-major rows × rank, rows in the order of the ids. Biases,
 * for options with biases only, start at 0 unless they are given.
 */
export interface InitialFactors {
  readonly userFactors: Float32Array | Float64Array;
  readonly itemFactors: Float32Array | Float64Array;
  /** One a user. */
  readonly userBiases?: Float32Array | Float64Array | undefined;
  /** One an item. */
  readonly itemBiases?: Float32Array | Float64Array | undefined;
}

/** Where factors start: at a rough factorisation of the ratings, or at random numbers. */
export type Start = 'sketch' | 'random';

/** Chosen when the ratings are known, from their counts; `started` and `model.settings` say what it became. */
export type Auto = 'auto';

/** The model's and the solver's settings; where it runs is not among them. */
export interface JobOptions {
  /** What a rating means: a count of interest, or a grade. Default implicit. */
  readonly feedback?: 'implicit' | 'explicit' | undefined;
  /** Number of latent dimensions, 1 to 512, with `subspace` to 2048. Default 64. */
  readonly rank?: number | undefined;
  /** User phase plus item phase, this many times, ≥ 1. Default 15. */
  readonly iterations?: number | undefined;
  /** λ ≥ 0. Default 'auto': chosen from the ratings, the rank and the other options; see `chooseSettings`. */
  readonly regularization?: number | Auto | undefined;
  /**
   * ν ≥ 0: a row with n ratings is regularized by λ·n^ν. 0 is plain, 1 is ALS-WR. With `objective`
   * 'ials' it is λ·(n + α₀·N)^ν, N the number of rows of the other side. Default 'auto': 1, with
   * `objective` 'confidence' 0.
   */
  readonly regularizationExponent?: number | Auto | undefined;
  /**
   * Confidence of an observed cell is 1 + alpha·rating, alpha ≥ 0; implicit only. Default 'auto': 0, with
   * `objective` 'confidence' by the share of cells that are rated and the mean rating.
   */
  readonly alpha?: number | Auto | undefined;
  /**
   * α₀, the weight of an unobserved cell, ≥ 0; implicit only. Default 'auto': by the share of cells that
   * are rated, with `objective` 'confidence' 1.
   */
  readonly unobservedWeight?: number | Auto | undefined;
  /**
   * What implicit feedback minimises, with d = x·y:
   *
   *     confidence   Σobserved c·(1 − d)² + α₀·Σunobserved d² + λ·Σ n^ν·|row|²
   *     ials         Σobserved c·(1 − d)² + α₀·Σall cells d²  + λ·Σ (n + α₀·N)^ν·|row|²
   *
   * The first is Hu, Koren, Volinsky 2008; the second Rendle, Krichene, Zhang, Koren, "Revisiting the
   * Performance of iALS on Item Recommendation Benchmarks" (2022), whose settings can be typed in as
   * they stand. Default 'auto', which is ials.
   */
  readonly objective?: Objective | Auto | undefined;
  /**
   * Predict μ + b_u + b_i + x·y instead of μ + x·y; explicit only. Biases are regularized like
   * factors. Default true, with `nonnegative` false.
   */
  readonly biases?: boolean | undefined;
  /** μ is the mean of the training ratings, else 0; explicit only. Default true, with `nonnegative` false. */
  readonly globalMean?: boolean | undefined;
  /**
   * No factor below 0: every row is the best one that has none, by coordinate descent on its normal
   * equations (Franc, Hlaváč, Navara 2005). With solver `cholesky`, which is the default then, and
   * without biases and global mean. Default false.
   */
  readonly nonnegative?: boolean | undefined;
  /**
   * A few conjugate gradient steps (`cg`), exact solves (`cholesky`), or exact solves in one subspace
   * of dimensions after the other (`subspace`, iALS++), for high ranks. Default cg, with `nonnegative`
   * cholesky.
   */
  readonly solver?: Solver | undefined;
  /** Conjugate gradient steps a row and phase, ≥ 1. Default 2. */
  readonly cgSteps?: number | undefined;
  /**
   * Go beyond where the steps of `cg` lead, by min(0.6, (i − 1)/(i + 2)) of the way in iteration i after a
   * sketch, (i − 2)/(i + 2) after another start: it saves iterations, and the loss still never rises; see
   * docs/solvers.md. With solver `cg` only. Default true then.
   */
  readonly overrelaxation?: boolean | undefined;
  /** Dimensions that `subspace` solves together, a multiple of 8 from 8 to 128. Default 32. */
  readonly subspaceSize?: number | undefined;
  /**
   * Rewrite the model after iterations 1, 4, 16 and so on in the basis in which it costs least, which
   * leaves all predictions as they are and saves iterations; see docs/solvers.md. Not with
   * `nonnegative`. Default true, with solver `cholesky` false.
   */
  readonly balance?: boolean | undefined;
  /**
   * Where factors start: at random numbers, or (`sketch`) at a rough factorisation of the ratings, made of
   * random numbers in four reads of the ratings, which saves two to three iterations; see
   * docs/solvers.md. `sketch` not with `nonnegative`, `initialFactors` or `initialModel`. Default sketch;
   * random with those, and with solver `cholesky`.
   */
  readonly start?: Start | undefined;
  /** Seed of the starting factors, an integer from 0 to 2³² − 1. Default 42. */
  readonly seed?: number | undefined;
  /**
   * Starting factors are random with mean 0 and standard deviation initialScale/√rank, > 0; their
   * absolute values with `nonnegative`. A sketch has a scale of its own. Default 0.1.
   */
  readonly initialScale?: number | undefined;
  readonly initialFactors?: InitialFactors | undefined;
  /**
   * Blocks a side, 1 to 256. By default as many as the work is worth, at most 32. No more threads than
   * that work at a time: more than 32 threads, on many nodes, want more.
   */
  readonly blocks?: number | undefined;
  /**
   * `wasm` is the fastest WASM build that this machine runs; `wasm-simd128` is the build that every
   * machine runs, so that a model is the same to the last bit whatever runs it. `gpu` is a GPU (solver
   * `cg` only), `reference` plain float64. `auto` takes a GPU if there is one and it is expected to be faster, else WASM. Default
   * auto.
   */
  readonly kernel?: ProcessorKernelOption | 'gpu' | undefined;
}

/** Options that 'auto' leaves to the ratings: all that weigh the parts of the loss. */
export const lossOptions = [
  'objective',
  'alpha',
  'unobservedWeight',
  'regularization',
  'regularizationExponent',
] as const satisfies readonly (keyof LossSettings)[];

/** The options that say what the loss is, none of them open. */
export interface LossSettings {
  readonly objective: Objective;
  readonly alpha: number;
  readonly unobservedWeight: number;
  readonly regularization: number;
  readonly regularizationExponent: number;
}

/** `JobOptions` without those that are undefined, which count as not given. */
export type GivenJobOptions = {
  readonly [Name in keyof JobOptions]?: NonNullable<JobOptions[Name]>;
};

/** `JobOptions` checked, with every default filled in and nothing left open. */
export type ResolvedJobOptions = Readonly<
  Required<Omit<GivenJobOptions, 'initialFactors' | 'blocks' | keyof LossSettings>> &
    Pick<GivenJobOptions, 'initialFactors' | 'blocks'> &
    LossSettings
>;

/** `JobOptions` checked, with every default filled in that does not depend on the ratings. */
export type CheckedJobOptions = Omit<ResolvedJobOptions, keyof LossSettings> &
  Required<Pick<GivenJobOptions, keyof LossSettings>>;

/** What implicit feedback defaults to; `checkJobOptions` says what else does. */
export const defaultJobOptions = Object.freeze({
  feedback: 'implicit',
  rank: 64,
  iterations: 15,
  regularization: 'auto',
  regularizationExponent: 'auto',
  alpha: 'auto',
  unobservedWeight: 'auto',
  objective: 'auto',
  biases: false,
  globalMean: false,
  nonnegative: false,
  solver: 'cg',
  cgSteps: 2,
  overrelaxation: true,
  subspaceSize: 32,
  balance: true,
  start: 'sketch',
  seed: 42,
  initialScale: 0.1,
  kernel: 'auto',
} as const);

/**
 * The loss of Hu, Koren and Volinsky 2008 with its α of 40, and a small λ: spread it into the options of
 * implicit feedback to train as the paper does. Made for counts of interest; the chosen settings rank better.
 */
export const paperSettings = Object.freeze({
  objective: 'confidence',
  alpha: 40,
  unobservedWeight: 1,
  regularization: 0.01,
  regularizationExponent: 0,
} as const satisfies LossSettings);
