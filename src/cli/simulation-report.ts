import type { SimulatedTraining } from '../../actors/planning/simulation/simulate-training.js';
import type { TrainingPlan } from '../../actors/planning/training-plan.js';
import { asSeconds, counted } from './figures.js';
import { wrapText } from './wrap-text.js';

/** Faults that are told one by one. */
const toldFaults = 3;
const labelColumns = 12;

/** A simulation for people, beside what is planned of an iteration that rewrites nothing, as most. */
export function simulationText(
  { iterations, seconds, seed, events }: SimulatedTraining,
  plan: TrainingPlan,
  columns: number,
): string {
  const { iteration, rotate } = plan.seconds;
  const rows = [
    `simulated   ${counted(iterations.length, 'iteration')} with seed ${seed}: median ${asSeconds(seconds.median)}, ` +
      `four fifths from ${asSeconds(seconds.low)} to ${asSeconds(seconds.high)}; planned ${asSeconds(iteration - rotate)} without rewriting`,
  ];
  const faults = events.flatMap(({ at, event }) => (event.type === 'fault' ? [{ at, event }] : []));
  for (const { at, event } of faults.slice(0, toldFaults)) {
    rows.push(`            at ${asSeconds(at)} ${event.node}: ${event.message}`);
  }
  if (faults.length > toldFaults) {
    rows.push(`            and ${counted(faults.length - toldFaults, 'fault')} more`);
  }
  const wrapped = rows.map((row) => wrapText(row, { columns, indent: labelColumns }));
  return `${wrapped.join('\n')}\n`;
}
