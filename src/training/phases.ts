import type { JobLayout } from '../kernels/job-layout.js';
import type { BlockTask } from '../kernels/kernel.js';
import type { PartedLayout } from '../kernels/parts/parted-layout.js';
import type { Job } from './job.js';
import type { ResolvedJobOptions } from './options.js';

/** Solve every row of one side with the other side fixed; `sketch` and `gram` prepare what comes after. */
export type PhaseId = Omit<BlockTask, 'block'>;

/** What the order of a job's phases depends on. */
export interface PhaseOrder extends Pick<ResolvedJobOptions, 'balance' | 'start'> {
  /** The side that is solved first in every iteration, then the other. */
  readonly phaseOrder: JobLayout['phaseOrder'];
  /** How many iterations the job has, those that are done included. */
  readonly iterations: number;
}

/**
 * The phase that a job begins with: the first one of its sketch, or the Gram matrix of the side that stays
 * fixed at the start. Undefined if all iterations are done already.
 *
 * @param done iterations that a restored job has behind it
 */
export function firstPhase(order: PhaseOrder, done: number): PhaseId | undefined {
  const { phaseOrder, iterations, start } = order;
  if (done === 0 && start === 'sketch')
    return { kind: 'sketch', iteration: -1, side: phaseOrder[0] };
  return done < iterations ? gramPhase(order, done) : undefined;
}

function gramPhase({ phaseOrder }: PhaseOrder, iteration: number): PhaseId {
  return { kind: 'gram', iteration, side: phaseOrder[1] };
}

/**
 * The phase that follows another one: a sketch has two a side, every iteration one. Where the model was balanced the
 * next one begins as that of a restored job. Undefined after the last.
 */
export function phaseAfter(order: PhaseOrder, phase: PhaseId): PhaseId | undefined {
  const { kind, iteration, side } = phase;
  const [first, second] = order.phaseOrder;
  if (kind !== 'gram' && side === first) return { kind, iteration, side: second };
  if (kind === 'sketch') {
    return iteration < 0 ? { kind, iteration: iteration + 1, side: first } : gramPhase(order, 0);
  }
  if (isBalancedBy(order, phase)) return firstPhase(order, iteration);
  return iteration < order.iterations
    ? { kind: 'solve', iteration: iteration + 1, side: first }
    : undefined;
}

/** All phases of a new job in order; by default of all its iterations. */
export function* phasesOf(
  { layout: { phaseOrder }, settings: { schedule } }: Pick<Job, 'layout' | 'settings'>,
  iterations = schedule.iterations,
): Generator<PhaseId, void> {
  const order = { ...schedule, phaseOrder, iterations };
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
