import type { Side } from '../../src/ratings/ratings.js';
import type { IterationsByRule } from './expected-iterations.js';
import type { MachineFigures } from './machine-figures.js';
import type { ResolvedCluster, ResolvedShape } from './plan-input.js';
import type { NodeMemory } from './plan-memory.js';
import type { RowWay } from './row-traffic.js';
import type { TransferResource } from './transfer-resources.js';

/** Where the seconds of an iteration go. They add up to `iteration`. */
export interface PlannedSeconds {
  readonly iteration: number;
  /** The arithmetic of a thread, on average. */
  readonly solve: number;
  /** Threads without a task, because another one has a longer one. */
  readonly wait: number;
  /** Rows on their way after the last block is solved. */
  readonly transfer: number;
  /** Rows between parts of one machine. */
  readonly copy: number;
  /** The sums of the blocks' Gram matrices. */
  readonly gram: number;
  /** The rewriting of both sides after iterations 1, 4, 16 and so on, shared out among all. */
  readonly rotate: number;
  /** Messages, events and sums of the supervisor. */
  readonly report: number;
}

/** Bytes of an iteration. */
export interface PlannedBytes {
  /** How users' rows and items' rows travel. */
  readonly ways: Readonly<Record<Side, RowWay>>;
  /** Received by all nodes together, if all rows go to all of them, and if only needed ones do. */
  readonly broadcast: number;
  readonly routed: number;
  /** Received by a node on average. */
  readonly perNode: number;
  /** Delivered by the server. */
  readonly throughServer: number;
}

/** What is known of a job before it runs. */
export interface TrainingPlan {
  readonly shape: Omit<ResolvedShape, 'degrees' | 'blocks'> & {
    readonly blocks: Readonly<Record<Side, number>>;
  };
  readonly cluster: ResolvedCluster;
  readonly figuresOf: MachineFigures['machine'];
  /** Whether every node has the memory that it needs. */
  readonly fits: boolean;
  readonly memory: NodeMemory & { readonly offered: number; readonly supervisor: number };
  readonly bytes: PlannedBytes;
  readonly seconds: PlannedSeconds;
  /** How many iterations a training takes until it stops by itself, and what that rests on. */
  readonly expectedIterations: IterationsByRule & { readonly basis: string };
  /** Of starting factors: about those of a sketch, once. */
  readonly startSeconds: number;
  /** Of the start and all iterations of the shape, without reading. */
  readonly totalSeconds: number;
  /** Of reading the ratings with DuckDB on one machine. */
  readonly readSeconds: number;
  /** The node with most to do in an iteration, and its largest block. */
  readonly slowest: {
    readonly node: string;
    readonly seconds: number;
    readonly block: {
      readonly side: Side;
      readonly block: number;
      readonly rows: number;
      readonly seconds: number;
    };
  };
  /** What the largest share of an iteration goes to, or what carries the rows most slowly. */
  readonly bottleneck: TransferResource | Exclude<keyof PlannedSeconds, 'iteration' | 'transfer'>;
  readonly advice: readonly string[];
}
