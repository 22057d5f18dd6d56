import type { BlockTask, JobLayout } from '../kernels/kernel.js';

/** Solve every row of one side with the other side fixed; `gram` prepares the first phase. */
export type PhaseId = Omit<BlockTask, 'block'>;

/**
 * The phases of a job in order. First the Gram matrix of the side that stays fixed at the start,
 * then for every iteration one phase a side. None if all iterations are done already.
 *
 * @param done iterations that a restored job has behind it; default 0
 */
export function* phasesOf(
  layout: JobLayout,
  iterations: number,
  done = 0,
): Generator<PhaseId, void> {
  const [first, second] = layout.phaseOrder;
  if (done < iterations) yield { kind: 'gram', iteration: done, side: second };
  for (let iteration = done + 1; iteration <= iterations; iteration++) {
    yield { kind: 'solve', iteration, side: first };
    yield { kind: 'solve', iteration, side: second };
  }
}

/** The tasks of a phase, in the order in which they are handed out: heavy rows first. */
export function tasksOf(layout: JobLayout, phase: PhaseId): BlockTask[] {
  const blockCount = layout[phase.side].blockStarts.length - 1;
  return Array.from({ length: blockCount }, (_, block) => ({ ...phase, block }));
}
