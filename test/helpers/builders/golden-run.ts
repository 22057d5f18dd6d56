import { readFileSync } from 'node:fs';
import type { IterationMetrics } from '../../../src/training/iteration-metrics.js';

/** The notebook's run: float64, exact solves, implicit feedback. */
export interface GoldenRun {
  readonly users: number;
  readonly items: number;
  readonly factors: number;
  readonly iterations: number;
  readonly regularization: number;
  readonly alpha: number;
  readonly ratings: readonly (readonly [number, number, number])[];
  readonly X0: number[][];
  readonly Y0: number[][];
  readonly X: number[][];
  readonly Y: number[][];
  readonly history: readonly (Pick<IterationMetrics, 'iteration' | 'rmse' | 'mae'> & {
    readonly loss: number;
    readonly preferenceRmse: number;
  })[];
  readonly top5User0: readonly { readonly item: number; readonly score: number }[];
}

export const goldenRun: GoldenRun = JSON.parse(
  readFileSync('test/fixtures/notebook-als.json', 'utf8'),
);
