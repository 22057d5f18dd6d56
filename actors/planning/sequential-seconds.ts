import type { Side } from '../../src/ratings/ratings.js';
import type { BlockPlan } from './block-plan.js';
import { type MachineFigures, secondsOf } from './machine-figures.js';
import { messageSeconds } from './message-seconds.js';
import type { ResolvedCluster, ResolvedShape } from './plan-input.js';
import { copiedBytes, type NodeMemory } from './plan-memory.js';
import { nothingCarried } from './row-traffic.js';

/** What is done between tasks, one thing after the other. */
export interface SequentialSeconds {
  /** Of an iteration: rows between parts of one machine. */
  readonly copy: number;
  /** By phase: the sums of the blocks' Gram matrices. */
  readonly gram: Readonly<Record<Side, number>>;
  /** By phase: events, and messages that no task causes. */
  readonly report: Readonly<Record<Side, number>>;
  /** Of rewriting both sides once. */
  readonly rotate: number;
}

/** The terms of what is between tasks: the Gram matrices have `tasks` times rank² elements. */
export function betweenTerms(phases: number, tasks: number, rank: number): Record<string, number> {
  return { phase: phases, task: tasks, element: tasks * rank ** 2 };
}

/** The terms of rewriting both sides: their rows times a matrix, and the matrices (`balance`). */
export function rotationTerms(rows: number, rank: number): Record<string, number> {
  return { rowProduct: rows * rank ** 2, cube: rank ** 3 };
}

export function sequentialSeconds(
  shape: ResolvedShape,
  cluster: ResolvedCluster,
  { blocks }: BlockPlan,
  figures: MachineFigures,
  memory: NodeMemory,
): SequentialSeconds {
  const { nodes, threads, road, inProcess } = cluster;
  const between = figures.between[inProcess ? 'inProcess' : 'threads'];
  const ofTerms = (side: Side, phases: number, tasks: number, elements: number) => {
    const { length } = blocks[side];
    const terms = betweenTerms(phases, tasks * length, shape.rank);
    return secondsOf(between, { ...terms, element: elements * length * shape.rank ** 2 });
  };
  const gram = (side: Side) => ofTerms(side, 0, 0, 1);
  const report = (side: Side) =>
    // Threads take tasks at the same time; what a node does for one is part of the task there.
    nodes === 1 ? ofTerms(side, 1, 1 / threads, 0) : secondsOfNodes(cluster, figures);
  // The supervisor has the rows that travel through it; others are rewritten where they are.
  const rows = (shape.users + shape.items) / (road === 'direct' ? nodes * threads : 1);
  return {
    copy: copiedBytes(memory) / figures.copyBytesPerSecond.median,
    gram: { user: gram('user'), item: gram('item') },
    report: { user: report('user'), item: report('item') },
    rotate: secondsOf(figures.rotate, rotationTerms(rows, shape.rank)),
  };
}

/** Messages of a phase that no task causes: to the nodes by way of the server, and what they do with them. */
function secondsOfNodes(cluster: ResolvedCluster, figures: MachineFigures): number {
  const { nodes, onOneMachine } = cluster;
  const amounts = { phases: 1, nodes, tasks: 0, traffic: nothingCarried };
  const of = (handler: 'supervisor' | 'server' | 'node') =>
    messageSeconds(figures, handler, amounts);
  const atOnce = onOneMachine ? Math.min(nodes, figures.machine.cores) : nodes;
  return of('supervisor') + of('server') + of('node') / atOnce;
}

/** Whether both sides are rewritten after an iteration: 1, 4, 16 and so on. */
export function rotatesAfter({ solver }: Pick<ResolvedShape, 'solver'>, iteration: number) {
  return solver !== 'cholesky' && Number.isInteger(Math.log2(iteration) / 2);
}

/** How often both sides are rewritten. */
export function rotationCount({ solver, iterations }: ResolvedShape): number {
  return solver === 'cholesky' ? 0 : 1 + Math.floor(Math.log2(iterations) / 2);
}
