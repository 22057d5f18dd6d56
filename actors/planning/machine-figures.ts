import type { KernelName, Solver } from '../../src/kernels/kernel-names.js';

/** A measured figure: the median of its runs, and where four fifths of them lie. */
export interface MeasuredSpread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Seconds of a task as a sum of products; see `solveTerms`. */
export interface SolveFigures {
  /** Seconds for each unit of every term, ≥ 0, by its name. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Measured over predicted seconds of the tasks that were fitted, in rising order. */
  readonly residuals: readonly number[];
}

/** What the way through a NATS server takes. */
export interface RoadFigures {
  /** From one client through the server to another. */
  readonly latencySeconds: MeasuredSpread;
  /** Of one sender to one receiver. */
  readonly bytesPerSecond: MeasuredSpread;
  /** Delivered by one server to all receivers together. */
  readonly fanOutBytesPerSecond: MeasuredSpread;
  /** Of the supervisor's processor for each piece and each of its receivers. */
  readonly pieceSeconds: number;
  /** Of the supervisor's processor for each task. */
  readonly taskSeconds: number;
}

/** What a machine was measured to do. */
export interface MachineFigures {
  readonly format: 1;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly node: string;
    readonly kernel: KernelName;
  };
  readonly solve: Readonly<Record<Solver, SolveFigures>>;
  /** Seconds of a task while every core solves, over its seconds alone, ≥ 1. */
  readonly slowdown: number;
  /** Of the event loop for each phase, and for each task. */
  readonly phaseSeconds: MeasuredSpread;
  readonly taskSeconds: MeasuredSpread;
  readonly copyBytesPerSecond: MeasuredSpread;
  readonly readRatingsPerSecond: MeasuredSpread;
  readonly road: RoadFigures;
}

/** The spread of some runs, at least one. */
export function spreadOf(values: readonly number[]): MeasuredSpread {
  const [low, median, high] = quantiles(values, [0.1, 0.5, 0.9]);
  return { median: median!, low: low!, high: high! };
}

/**
 * Values that so large a share of all lie below, between two of them in proportion.
 *
 * @param values at least one
 * @param shares 0 to 1
 */
export function quantiles(values: readonly number[], shares: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return shares.map((share) => {
    const at = share * (sorted.length - 1);
    const [below, above] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
    return below + (at - Math.floor(at)) * (above - below);
  });
}
