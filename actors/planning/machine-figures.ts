import type { KernelName, Solver } from '../../src/kernels/kernel-names.js';

/** A measured figure: the median of its runs, and where four fifths of them lie. */
export interface MeasuredSpread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Seconds as a sum of terms, fitted to what was measured; see `fitTerms`. */
export interface FittedSeconds {
  /** Seconds for each unit of every term, ≥ 0, by its name. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Measured over fitted seconds, as quantiles in rising order; 1 on average. */
  readonly residuals: readonly number[];
}

/** Seconds of a fixed piece of work: of one thread alone, and while every core does one. */
export interface MachineSpeed {
  readonly alone: number;
  readonly together: number;
}

/** Who handles the messages of a job on nodes. */
export type MessageHandler = 'supervisor' | 'server' | 'node';

/** What the way through a NATS server takes. */
export interface RoadFigures {
  /** From one client through the server to another. */
  readonly latencySeconds: MeasuredSpread;
  /** Of one sender to one receiver. */
  readonly bytesPerSecond: MeasuredSpread;
  /** Delivered by one server to all receivers together. */
  readonly fanOutBytesPerSecond: MeasuredSpread;
  /** Of the processors, for messages; of all nodes together. The terms are those of `messageTerms`. */
  readonly messages: Readonly<Record<MessageHandler, FittedSeconds>>;
}

/** What a machine was measured to do. */
export interface MachineFigures {
  readonly format: 3;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly node: string;
    readonly kernel: KernelName;
  };
  /** What a fixed piece of work took while the other figures were measured. */
  readonly speed: MachineSpeed;
  /** The terms are those of `solveTerms`. */
  readonly solve: Readonly<Record<Solver, FittedSeconds>>;
  /** Seconds of a task while every core solves, over its seconds alone, ≥ 1. */
  readonly slowdown: number;
  /** In which the one thread of a job solves nothing. The terms are those of `betweenTerms`. */
  readonly between: Readonly<Record<'inProcess' | 'threads', FittedSeconds>>;
  /** Of rewriting both sides. The terms are those of `rotationTerms`. */
  readonly rotate: FittedSeconds;
  readonly copyBytesPerSecond: MeasuredSpread;
  readonly readRatingsPerSecond: MeasuredSpread;
  readonly road: RoadFigures;
}

/** The seconds of some amounts, by a fit. */
export function secondsOf(
  { seconds }: Pick<FittedSeconds, 'seconds'>,
  terms: Readonly<Record<string, number>>,
): number {
  let sum = 0;
  for (const name in terms) sum += terms[name]! * (seconds[name] ?? 0);
  return sum;
}

/** A fit of pieces of work, as one of seconds. */
export function timesSeconds(
  { seconds, residuals }: FittedSeconds,
  ofPiece: number,
): FittedSeconds {
  const terms = Object.entries(seconds).map(([name, pieces]) => [name, pieces * ofPiece]);
  return { seconds: Object.fromEntries(terms), residuals };
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
  return shares.map((share) => quantileAt(sorted, share));
}

/** The value that so large a share of `sorted` lies below, in proportion between two; 1 of none. */
export function quantileAt(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return 1;
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return below + (at - Math.floor(at)) * (above - below);
}
