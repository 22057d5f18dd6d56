import type { Side } from '../../src/ratings/ratings.js';
import type { BlockPlan } from './block-plan.js';
import type { MachineFigures } from './machine-figures.js';
import type { ResolvedCluster, ResolvedShape } from './plan-input.js';
import { copiedBytes, type NodeMemory } from './plan-memory.js';

/** What is done between tasks, one thing after the other. */
export interface SequentialSeconds {
  /** Of an iteration: rows between parts of one machine. */
  readonly copy: number;
  /** By phase: the sums of the blocks' Gram matrices. */
  readonly gram: Readonly<Record<Side, number>>;
  /** By phase: events, and messages that no server carries. */
  readonly report: Readonly<Record<Side, number>>;
  /** Of rewriting both sides once. */
  readonly rotate: number;
}

/** Products of a row and a matrix in TypeScript, in elements a second. */
const productsPerSecond = 1e9;
/** Additions of float64 a second, one after the other. */
const additionsPerSecond = 5e8;

export function sequentialSeconds(
  shape: ResolvedShape,
  { nodes, threads, road }: ResolvedCluster,
  { blocks }: BlockPlan,
  { phaseSeconds, taskSeconds, copyBytesPerSecond }: MachineFigures,
  memory: NodeMemory,
): SequentialSeconds {
  const gram = (side: Side) => (blocks[side].length * shape.rank ** 2) / additionsPerSecond;
  const report = (side: Side) => phaseSeconds.median + blocks[side].length * taskSeconds.median;
  // The supervisor has the rows that travel through it; others are rewritten where they are.
  const workers = road === 'direct' ? nodes * threads : 1;
  return {
    copy: copiedBytes(memory) / copyBytesPerSecond.median,
    gram: { user: gram('user'), item: gram('item') },
    report: { user: report('user'), item: report('item') },
    rotate: ((shape.users + shape.items) * shape.rank ** 2) / (productsPerSecond * workers),
  };
}

/** Whether both sides are rewritten after an iteration: 1, 4, 16 and so on. */
export function rotatesAfter({ solver }: Pick<ResolvedShape, 'solver'>, iteration: number) {
  return solver !== 'cholesky' && Number.isInteger(Math.log2(iteration) / 2);
}

/** How often both sides are rewritten. */
export function rotationCount({ solver, iterations }: ResolvedShape): number {
  return solver === 'cholesky' ? 0 : 1 + Math.floor(Math.log2(iterations) / 2);
}
