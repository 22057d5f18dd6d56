import type { BlockSolver } from '../kernels/kernel.js';
import type { IterationMetrics } from './iteration-metrics.js';
import type { WholeJob } from './job.js';
import { PhaseReducer } from './phase-reducer.js';
import { phasesOf, tasksOf } from './phases.js';

/**
 * The bare loop: every block of every phase in turn, in this thread, with no actors and no stream.
 * It defines what any placement must compute, bit for bit, and what the actors' cost is measured
 * against.
 *
 * @returns one report an iteration
 */
export function runInPlace(job: WholeJob, solver: BlockSolver): IterationMetrics[] {
  const reducer = new PhaseReducer(job);
  const reports: IterationMetrics[] = [];
  for (const phase of phasesOf(job)) {
    const sums = tasksOf(job.layout, phase).map((task) => solver.run(task, 0)!);
    const report = reducer.close(phase, sums);
    if (report) reports.push(report);
  }
  return reports;
}
