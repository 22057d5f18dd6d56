import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SimulatedTraining } from '../../actors/planning/simulation/simulate-training.js';
import type { TrainingPlan } from '../../actors/planning/training-plan.js';
import { linesOfEvents } from '../../dataflow/watch/lines-of-events.js';
import type { Line } from '../watch/lines.js';
import { chromeTrace } from '../watch/view/chrome-trace.js';
import { Timeline } from '../watch/view/timeline.js';

/**
 * The lines that a watched run of such a training would leave, but for errors and loss.
 *
 * @param startedAt ISO 8601
 */
export function* simulatedLines(
  { events, totalSeconds, iterations, seed }: SimulatedTraining,
  { shape, cluster, figuresOf }: TrainingPlan,
  startedAt: string,
): Generator<Line> {
  const { users, items, ratings, rank, solver } = shape;
  const { nodes, threads } = cluster;
  yield { at: 0, type: 'run', format: 1, name: 'simulation', startedAt };
  yield {
    ...{ at: 0, type: 'started', users, items, ratings, heldOut: 0 },
    ...{ iterations: iterations.length, kernel: figuresOf.kernel },
    placement: `simulated: ${nodes} × ${threads} threads`,
    settings: { rank, solver, seed, simulated: true },
  };
  const lineOf = linesOfEvents();
  for (const { at, event } of events) {
    const line = lineOf(event);
    if (line !== undefined) yield { at, ...(typeof line === 'function' ? line() : line) };
  }
  yield {
    at: totalSeconds,
    type: 'finished',
    iterations: iterations.length,
    seconds: totalSeconds,
  };
  yield { at: totalSeconds, type: 'closed' };
}

/** Writes lines as the page of `seesaw watch` reads them. Rejects with the system's error. */
export async function writeLines(file: string, lines: Iterable<Line>): Promise<void> {
  const texts = function* () {
    for (const line of lines) yield `${JSON.stringify(line)}\n`;
  };
  await pipeline(Readable.from(texts()), createWriteStream(file));
}

/**
 * Writes lines as a trace of Chrome. Rejects with the system's error.
 *
 * @returns whether blocks were left out at the end, since no viewer opens so many
 */
export async function writeTrace(file: string, lines: Iterable<Line>): Promise<boolean> {
  const timeline = new Timeline();
  for (const line of lines) timeline.apply(line);
  const { pieces, isCut } = chromeTrace(timeline, { from: 0, to: timeline.end });
  await pipeline(Readable.from(pieces), createWriteStream(file));
  return isCut;
}
