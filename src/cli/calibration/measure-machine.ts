import { firstValueFrom } from 'rxjs';
import { fitTerms } from '../../../actors/planning/fit-seconds.js';
import {
  type FittedSeconds,
  type MeasuredSpread,
  spreadOf,
} from '../../../actors/planning/machine-figures.js';
import { rotationTerms } from '../../../actors/planning/sequential-seconds.js';
import { fromSql } from '../../../dataflow/sources/from-sql.js';
import { MatrixProducts } from '../../kernels/wasm/matrix-product.js';
import { randomAt } from '../../random.js';
import { balancingBasis } from '../../training/balance.js';
import { multiplyRows, type Rows, weightedGram } from '../../training/job-rows.js';
import { atOnce } from '../../training/steps.js';
import type { Probe } from './machine-speed.js';

/** Rewrites made-up rows of several ranks, as `balance` does with those of a job; in pieces of work. */
export function measureRotation(probe: Probe): FittedSeconds {
  const measured = [32, 64, 128, 192].flatMap((rank) =>
    [1024, 4096, 16_384].map((rowCount) => {
      const rows = madeUpRows(rowCount, rank);
      const pieces = Array.from({ length: 3 }, () => {
        const { alone } = probe();
        const products = new MatrixProducts('wasm-simd128');
        const start = performance.now();
        const gram = atOnce(weightedGram(products, rows, rank));
        const { left } = balancingBasis(products, gram, gram, rank);
        atOnce(multiplyRows(products, rows, left, rank));
        return (performance.now() - start) / 1000 / alone;
      });
      return { terms: rotationTerms(rowCount, rank), seconds: spreadOf(pieces).median };
    }),
  );
  return fitTerms(measured);
}

function madeUpRows(rowCount: number, rank: number): Rows {
  const elements = new Float32Array(rowCount * rank);
  elements.forEach((_, at) => {
    elements[at] = randomAt(3, 0, at) - 0.5;
  });
  const regularizers = new Float32Array(rowCount).fill(1);
  const span = { elements, regularizers, firstRow: 0, rowCount };
  return { spans: [span], writable: [span], stride: rank, width: rank, pinned: undefined };
}

/** Between stretches of shared memory, as parts copy rows. */
export function measureCopies(): MeasuredSpread {
  const bytes = 2 ** 25;
  const [from, to] = [new SharedArrayBuffer(bytes), new SharedArrayBuffer(bytes)];
  const speeds = Array.from({ length: 9 }, () => {
    const start = performance.now();
    new Uint8Array(to).set(new Uint8Array(from));
    return bytes / ((performance.now() - start) / 1000);
  });
  // The first ones touch memory.
  return spreadOf(speeds.slice(2));
}

/** DuckDB and the tables that ratings become. */
export async function measureReading(stopped: AbortSignal): Promise<MeasuredSpread> {
  const count = 500_000;
  const query =
    `select (i * 7919) % 6007 as user, (i * i + i) % 3701 as item, i % 5 + 1 as rating ` +
    `from range(${count}) t(i)`;
  const speeds: number[] = [];
  for (let round = 0; round < 3; round++) {
    stopped.throwIfAborted();
    const start = performance.now();
    await firstValueFrom(fromSql(query, { duplicates: 'last' }));
    speeds.push(count / ((performance.now() - start) / 1000));
  }
  return spreadOf(speeds);
}
