import type { BlockTask, JobLayout } from '../kernels/kernel.js';
import type { PartedLayout } from '../kernels/parts/parted-layout.js';
import type { Job } from './job.js';
import type { ResolvedJobOptions } from './options.js';

/** Solve every row of one side with the other side fixed; `gram` prepares what comes after it. */
export type PhaseId = Omit<BlockTask, 'block'>;

/** What the order of a job's phases depends on. */
export interface PhaseOrder extends Pick<ResolvedJobOptions, 'balance'> {
  /** The side that is solved first in every iteration, then the other. */
  readonly phaseOrder: JobLayout['phaseOrder'];
  /** How many iterations the job has, those that are done included. */
  readonly iterations: number;
}

/**
 * The phase that a job begins with: the Gram matrix of the side that stays fixed at the start.
 * Undefined if all iterations are done already.
 *
 * @param done iterations that a restored job has behind it
 */
export function firstPhase(
  { phaseOrder, iterations }: PhaseOrder,
  done: number,
): PhaseId | undefined {
  return done < iterations ? { kind: 'gram', iteration: done, side: phaseOrder[1] } : undefined;
}

/**
 * The phase that follows another one: every iteration has one a side. Where the model was balanced the
 * next one begins as that of a restored job. Undefined after the last.
 */
export function phaseAfter(order: PhaseOrder, phase: PhaseId): PhaseId | undefined {
  const { kind, iteration, side } = phase;
  const [first, second] = order.phaseOrder;
  if (kind === 'solve' && side === first) return { kind: 'solve', iteration, side: second };
  if (isBalancedBy(order, phase)) return firstPhase(order, iteration);
  return iteration < order.iterations
    ? { kind: 'solve', iteration: iteration + 1, side: first }
    : undefined;
}

/** All phases of a new job in order. */
export function* phasesOf(
  { layout: { phaseOrder }, options: { balance } }: Pick<Job, 'layout' | 'options'>,
  iterations: number,
): Generator<PhaseId, void> {
  const order = { phaseOrder, balance, iterations };
  for (let phase = firstPhase(order, 0); phase !== undefined; phase = phaseAfter(order, phase)) {
    yield phase;
  }
}

/** Whether the end of a phase balances the model (`balance.ts`). */
export function isBalancedBy(
  { phaseOrder, balance }: Pick<PhaseOrder, 'phaseOrder' | 'balance'>,
  { kind, iteration, side }: PhaseId,
): boolean {
  const closesIteration = kind === 'solve' && side === phaseOrder[1];
  return balance && closesIteration && Number.isInteger(Math.log2(iteration) / 2);
}

/** The tasks of a phase, in the order in which they are handed out: heavy rows first. */
export function tasksOf(layout: JobLayout | PartedLayout, phase: PhaseId): BlockTask[] {
  const blockCount = layout[phase.side].blockStarts.length - 1;
  return Array.from({ length: blockCount }, (_, block) => ({ ...phase, block }));
}
