import { solveNonnegative } from '../../src/kernels/reference/reference-solvers.js';
import { quantiles, type SolveFigures } from './machine-figures.js';
import { solveTerms, type TaskSize } from './solve-seconds.js';

/** Residuals are kept as so many quantiles, from the lowest to the highest. */
const keptShares = Array.from({ length: 51 }, (_, n) => n / 50);

/** A task and what it took. */
export interface MeasuredTask extends TaskSize {
  readonly seconds: number;
}

/**
 * Seconds for each term that come nearest to what tasks took, none negative (Ernest; Venkataraman et
 * al., NSDI 2016): the least squares of relative errors, so that short tasks count as long ones do.
 *
 * @param tasks of one solver, at least one
 */
export function fitSeconds(tasks: readonly MeasuredTask[]): SolveFigures {
  const terms = tasks.map(solveTerms);
  const names = Object.keys(terms[0]!);
  const rows = terms.map((amounts, at) => names.map((name) => amounts[name]! / tasks[at]!.seconds));
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
  const seconds = Object.fromEntries(names.map((name, j) => [name, x[j]! / lengths[j]!]));
  const residuals = rows.map(
    (row) => 1 / row.reduce((sum, amount, j) => sum + amount * seconds[names[j]!]!, 0),
  );
  return { seconds, residuals: quantiles(residuals, keptShares) };
}
