/** Made-up ratings of a fixed size that benchmarks run on. */
export interface BenchmarkCase {
  readonly name: string;
  readonly users: number;
  readonly items: number;
  readonly count: number;
  readonly seed: number;
  /** Iterations before the clock counts: the first ones compile and touch memory. */
  readonly warmUp: number;
  /** Iterations that count, in each process. */
  readonly measured: number;
  /** How often each variant runs, each time in a new process. */
  readonly rounds: number;
}

/** The sizes of MovieLens 1M and 20M, of goodbooks-10k, and about those of Netflix. */
export const cases: readonly BenchmarkCase[] = [
  {
    name: '1m',
    users: 6_040,
    items: 3_706,
    count: 1_000_000,
    seed: 1,
    warmUp: 2,
    measured: 10,
    rounds: 5,
  },
  {
    name: '20m',
    users: 138_493,
    items: 26_744,
    count: 20_000_000,
    seed: 1,
    warmUp: 1,
    measured: 3,
    rounds: 3,
  },
  {
    name: '6m',
    users: 53_424,
    items: 10_000,
    count: 5_976_479,
    seed: 1,
    warmUp: 1,
    measured: 3,
    rounds: 5,
  },
  {
    name: '100m',
    users: 480_189,
    items: 17_770,
    count: 100_000_000,
    seed: 1,
    warmUp: 1,
    measured: 3,
    rounds: 1,
  },
  {
    // As in a shop: many users with few purchases.
    name: 'wide',
    users: 200_000,
    items: 100_000,
    count: 2_000_000,
    seed: 1,
    warmUp: 1,
    measured: 3,
    rounds: 3,
  },
  {
    // Proves that the scripts run; its figures mean nothing.
    name: 'tiny',
    users: 300,
    items: 200,
    count: 6_000,
    seed: 1,
    warmUp: 1,
    measured: 3,
    rounds: 2,
  },
];

/**
 * The objective that every library minimises. With it three steps of conjugate gradient stay close
 * to the exact solution (confidences from 3 to 11), so libraries can be compared at equal loss.
 */
export const objective = Object.freeze({
  alpha: 2,
  regularization: 1,
  regularizationExponent: 0,
  cgSteps: 3,
  seed: 42,
});

/** The objective of libraries that multiply λ by the number of a row's ratings (ALS-WR). */
export const scaledObjective = Object.freeze({
  ...objective,
  regularization: 0.01,
  regularizationExponent: 1,
});

/** The case of that name. Throws if there is none. */
export function caseNamed(name: string): BenchmarkCase {
  const found = cases.find((known) => known.name === name);
  if (found) return found;
  const known = cases.map((each) => each.name).join(', ');
  throw new RangeError(`case is ${JSON.stringify(name)}; expected one of ${known}`);
}
