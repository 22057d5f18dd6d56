import type { GpuTraffic } from '../../src/kernels/gpu-solver.js';
import { rowsOf } from '../../src/ratings/ratings.js';
import type { Job } from '../../src/training/job.js';
import type { PhaseId } from '../../src/training/phases.js';
import type { BlockResult } from '../placements/block-result.js';
import type { PhaseBlock, PhaseReport } from '../run-event.js';

/** What a block gave, and when. */
export interface TimedResult extends BlockResult {
  /** By the clock of the run, milliseconds. */
  readonly endMs: number;
}

/** A phase under way: replies by block, undefined while one is missing. */
export interface OpenPhase {
  readonly id: PhaseId;
  readonly results: readonly (TimedResult | undefined)[];
  /** By block: how often it has been handed out, ≥ 1. */
  readonly attempts: readonly number[];
}

/** A phase whose blocks are handed out for the first time. */
export function openPhase(id: PhaseId, blockCount: number): OpenPhase {
  return {
    id,
    results: new Array<undefined>(blockCount).fill(undefined),
    attempts: new Array<number>(blockCount).fill(1),
  };
}

/** Whether two ids mean the same phase. */
export function isSamePhase(a: PhaseId, b: PhaseId): boolean {
  return a.kind === b.kind && a.iteration === b.iteration && a.side === b.side;
}

/** The results in block order, or undefined while one is missing. */
export function allResults({ results }: OpenPhase): readonly TimedResult[] | undefined {
  // What holds no undefined is an array of results.
  return results.includes(undefined) ? undefined : (results as readonly TimedResult[]);
}

/** What a phase took and sent, all blocks together. */
export type PhaseCosts = Pick<PhaseReport, 'seconds' | 'broadcastBytes' | 'fullBroadcastBytes'> &
  Pick<PhaseReport, 'lateAnswers'>;

/** A phase whose blocks are all solved, in block order. */
export interface SolvedPhase {
  readonly id: PhaseId;
  /** When it began, by the clock of the run, milliseconds. */
  readonly startMs: number;
  readonly results: readonly TimedResult[];
  readonly attempts: readonly number[];
}

/** The report of a phase whose blocks are all solved. */
export function reportPhase(job: Job, phase: SolvedPhase, costs: PhaseCosts): PhaseReport {
  const { results } = phase;
  const { iteration, side } = phase.id;
  const blocks = results.map((_, block) => describeBlock(job, phase, block));
  const bytes = (name: keyof GpuTraffic) =>
    results.reduce((sum, { traffic }) => sum + (traffic?.[name] ?? 0), 0);
  return {
    type: 'phase',
    iteration,
    side,
    ...costs,
    uploadedBytes: bytes('uploadedBytes'),
    readBackBytes: bytes('readBackBytes'),
    blocks,
  };
}

function describeBlock(
  job: Job,
  { id: { side }, startMs, results, attempts }: SolvedPhase,
  block: number,
): PhaseBlock {
  const { seconds, ranOn, endMs, handedOut = 1 } = results[block]!;
  const { blockStarts } = job.layout[side];
  const { offsets } = rowsOf(job.ratings, side);
  const [first, end] = [blockStarts[block]!, blockStarts[block + 1]!];
  return {
    block,
    rows: end - first,
    ratings: offsets[end]! - offsets[first]!,
    // What the answer took on its way counts as idle time before the arithmetic.
    startSeconds: Math.max(0, (endMs - startMs) / 1000 - seconds),
    seconds,
    ranOn,
    // The last attempt may have been at several nodes.
    attempts: attempts[block]! + handedOut - 1,
  };
}
