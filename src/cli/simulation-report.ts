import type { SimulatedTraining } from '../../actors/planning/simulation/simulate-training.js';
import type { TrainingPlan } from '../../actors/planning/training-plan.js';
import { asSeconds, counted } from './figures.js';

/** Faults that are told one by one. */
const toldFaults = 3;

/** A simulation for people, beside what is planned. */
export function simulationText(
  { iterations, seconds, seed, events }: SimulatedTraining,
  plan: TrainingPlan,
): string {
  const rows = [
    `simulated   ${counted(iterations.length, 'iteration')} with seed ${seed}: median ${asSeconds(seconds.median)}, ` +
      `four fifths from ${asSeconds(seconds.low)} to ${asSeconds(seconds.high)}; planned ${asSeconds(plan.seconds.iteration)}`,
  ];
  const faults = events.flatMap(({ at, event }) => (event.type === 'fault' ? [{ at, event }] : []));
  for (const { at, event } of faults.slice(0, toldFaults)) {
    rows.push(`            at ${asSeconds(at)} ${event.node}: ${event.message}`);
  }
  if (faults.length > toldFaults) {
    rows.push(`            and ${counted(faults.length - toldFaults, 'fault')} more`);
  }
  return `${rows.join('\n')}\n`;
}
