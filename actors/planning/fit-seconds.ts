import { solveNonnegative } from '../../src/kernels/reference/reference-solvers.js';
import { type FittedSeconds, secondsOf, timesSeconds } from './machine-figures.js';
import { solveTerms, type TaskSize } from './solve-seconds.js';

/** Residuals are kept as so many quantiles, from the lowest to the highest. */
const keptShares = Array.from({ length: 51 }, (_, n) => n / 50);

/** Amounts of some terms, and what they took together. */
export interface MeasuredTerms {
  /** By name of a term; the same names in all. */
  readonly terms: Readonly<Record<string, number>>;
  /** > 0 */
  readonly seconds: number;
}

/** A task and what it took. */
export interface MeasuredTask extends TaskSize {
  readonly seconds: number;
}

/** Seconds for each term of a task's, of one solver. */
export function fitSeconds(tasks: readonly MeasuredTask[]): FittedSeconds {
  return fitTerms(tasks.map((task) => ({ terms: solveTerms(task), seconds: task.seconds })));
}

/**
 * Seconds for each term that come nearest to what was measured, none negative (Ernest; Venkataraman et
 * al., NSDI 2016): the least squares of relative errors, so that short times count as long ones do, times
 * what makes measured over fitted seconds 1 on average, since those squares alone come out too low. Of
 * the residuals each counts by its seconds, and their mean is 1: what is drawn from them takes as long in
 * all as what is fitted.
 *
 * @param measured at least one
 */
export function fitTerms(measured: readonly MeasuredTerms[]): FittedSeconds {
  const names = Object.keys(measured[0]!.terms);
  const rows = measured.map(({ terms, seconds }) => names.map((name) => terms[name]! / seconds));
  // Columns of length 1, so that the coordinates are of like size.
  const lengths = names.map((_, j) => Math.hypot(...rows.map((row) => row[j]!)) || 1);
  const n = names.length;
  const [a, b] = [new Float64Array(n * n), new Float64Array(n)];
  for (const row of rows) {
    for (let i = 0; i < n; i++) {
      b[i]! += row[i]! / lengths[i]!;
      for (let j = 0; j < n; j++)
        a[i * n + j]! += (row[i]! / lengths[i]!) * (row[j]! / lengths[j]!);
    }
  }
  const x = new Float64Array(n);
  solveNonnegative(a, b, x);
  const nearest = Object.fromEntries(names.map((name, j) => [name, x[j]! / lengths[j]!]));
  const quotients = measured.map(
    (each) => each.seconds / secondsOf({ seconds: nearest }, each.terms),
  );
  const { seconds } = timesSeconds(
    { seconds: nearest, residuals: [] },
    sumOf(quotients) / measured.length,
  );
  const fitted = measured.map(({ terms }) => secondsOf({ seconds }, terms));
  const ratio = sumOf(measured.map((each) => each.seconds)) / sumOf(fitted);
  const residuals = measured.map((each, at) => each.seconds / fitted[at]! / ratio);
  return { seconds, residuals: weightedQuantiles(residuals, fitted, keptShares) };
}

/** Values that so large a share of all weight lies below; their mean by weight is 1 again. */
function weightedQuantiles(
  values: readonly number[],
  weights: readonly number[],
  shares: readonly number[],
): number[] {
  const sorted = values.map((value, at) => [value, weights[at]!] as const);
  sorted.sort(([a], [b]) => a - b);
  const all = sumOf(weights);
  let [at, below] = [0, 0];
  const kept = shares.map((share) => {
    while (at < sorted.length - 1 && below + sorted[at]![1] < share * all)
      below += sorted[at++]![1];
    return sorted[at]![0];
  });
  // Draws lie between two of them, each as likely as another.
  const mean = sumOf(kept.slice(1).map((value, at) => (value + kept[at]!) / 2)) / (kept.length - 1);
  return kept.map((value) => value / mean);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
