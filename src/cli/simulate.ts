import type { MachineFigures } from '../../actors/planning/machine-figures.js';
import type { ClusterShape, TrainingShape } from '../../actors/planning/plan-input.js';
import {
  type SimulatedTraining,
  simulateTraining,
} from '../../actors/planning/simulation/simulate-training.js';
import type { TrainingPlan } from '../../actors/planning/training-plan.js';
import { UsageError } from './exit-status.js';
import type { SimulationFlags } from './simulation-flags.js';
import { simulatedLines, writeLines, writeTrace } from './simulation-output.js';

/** The simulation that is asked for, with its files written. Throws `UsageError` if flags miss `--simulate`. */
export async function simulate(
  flags: SimulationFlags & { readonly quiet?: true },
  shape: TrainingShape,
  cluster: ClusterShape,
  figures: MachineFigures,
  plan: TrainingPlan,
): Promise<SimulatedTraining | undefined> {
  const { seed, straggler: stragglers, loseNode: lost, events, trace, iterations } = flags;
  if (!flags.simulate) {
    if ((seed ?? stragglers ?? lost ?? events ?? trace) === undefined) return undefined;
    throw new UsageError(
      'found options of a simulation without --simulate; expected both; try --simulate',
    );
  }
  const simulated = simulateTraining(shape, cluster, {
    iterations,
    seed,
    stragglers,
    lost,
    figures,
  });
  const lines = () => simulatedLines(simulated, plan, new Date().toISOString());
  if (events !== undefined) await writeLines(events, lines());
  if (trace !== undefined && (await writeTrace(trace, lines())) && !flags.quiet) {
    process.stderr.write(`${trace}: the last blocks are left out, since no viewer opens so many\n`);
  }
  return simulated;
}

/** A simulation without its events. */
export function summaryOf({ events, ...summary }: SimulatedTraining) {
  return { ...summary, faults: events.filter(({ event }) => event.type === 'fault') };
}
