import type { NodeFault, PhaseReport } from '../../run-event.js';
import { planBlocks } from '../block-plan.js';
import { defaultFigures } from '../default-figures.js';
import { type MeasuredSpread, spreadOf } from '../machine-figures.js';
import {
  type ClusterShape,
  resolveCluster,
  resolveShape,
  type TrainingShape,
} from '../plan-input.js';
import { nodeMemory } from '../plan-memory.js';
import { waysOf } from '../row-traffic.js';
import { rotatesAfter, sequentialSeconds } from '../sequential-seconds.js';
import { SimulatedPhases } from './simulated-phases.js';
import { checkNodes, checkSimulation, type SimulationOptions } from './simulation-options.js';

/** Most iterations that are simulated unless more are asked for, and most tasks, of which two iterations may be more. */
const usualIterations = 5;
const usualTasks = 1_000_000;

/** An event of a simulated training, and when it comes: seconds from its start. */
export interface SimulatedEvent {
  readonly at: number;
  /** As in a real training, without errors and loss. */
  readonly event: PhaseReport | NodeFault;
}

/** A training that was simulated. */
export interface SimulatedTraining {
  /** By iteration: its seconds. */
  readonly iterations: readonly number[];
  /** Of an iteration. */
  readonly seconds: MeasuredSpread;
  readonly totalSeconds: number;
  readonly seed: number;
  /** In order of time. */
  readonly events: readonly SimulatedEvent[];
}

/**
 * Simulates iterations of a job that is not there, event by event: each block is solved by a thread of
 * its node, in a time drawn from the measured ones, and its rows travel in max-min fair shares of the
 * cards, the server and the supervisor. Partition, assignment and balancing are those of a real job.
 * See docs/scale.md.
 *
 * The same arguments give the same events. Throws `InvalidOptionError`.
 */
export function simulateTraining(
  shape: TrainingShape,
  cluster: ClusterShape = {},
  options: SimulationOptions = {},
): SimulatedTraining {
  checkSimulation(options);
  const { seed = 1, stragglers = [], lost = [], figures = defaultFigures } = options;
  const job = resolveShape(shape);
  const machines = resolveCluster(cluster, figures);
  checkNodes(options, machines);
  const plan = planBlocks(job, machines, figures);
  const tasks = plan.blocks.user.length + plan.blocks.item.length;
  const few = Math.max(2, Math.min(usualIterations, Math.floor(usualTasks / tasks)));
  const count = options.iterations ?? Math.min(job.iterations, few);
  const memory = nodeMemory(job, machines, plan);
  const sequential = sequentialSeconds(job, machines, plan, figures, memory);
  const events: SimulatedEvent[] = [];
  let iteration = 1;
  const phases = new SimulatedPhases({
    ...{ shape: job, cluster: machines, figures, plan, seed, stragglers, lost },
    ways: waysOf(job, machines, plan),
    onFault: (fault, at) => events.push({ at, event: { type: 'fault', iteration, ...fault } }),
  });
  const iterations: number[] = [];
  for (; iteration <= count; iteration++) {
    const startedAt = phases.events.now;
    for (const side of ['user', 'item'] as const) {
      const event = phases.run(iteration, side);
      events.push({ at: phases.events.now, event });
      phases.rest(sequential.gram[side] + sequential.report[side] + sequential.copy / 2);
    }
    if (rotatesAfter(job, iteration)) phases.rest(sequential.rotate);
    iterations.push(phases.events.now - startedAt);
  }
  const totalSeconds = phases.events.now;
  return { iterations, seconds: spreadOf(iterations), totalSeconds, seed, events };
}
