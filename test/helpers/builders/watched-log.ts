import { EventLog } from '../../../src/watch/event-log.js';

const startedAt = '2026-01-01T00:00:00.000Z';

/** A run of 100,000 iterations that has so many behind it, a second each. */
export function watchedLog({
  iterations,
  name = 'run',
  settings = { rank: 8, solver: 'cg' },
}: {
  readonly iterations: number;
  readonly name?: string;
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
}): EventLog {
  const log = emptyLog(name);
  log.append({
    ...{ type: 'started', users: 20, items: 10, ratings: 100, heldOut: 10, iterations: 100_000 },
    ...{ placement: 'threads(2)', kernel: 'wasm', settings },
  });
  for (let iteration = 1; iteration <= iterations; iteration++) addIteration(log, iteration);
  return log;
}

/** The log of a run that has not begun. */
export function emptyLog(name: string): EventLog {
  let seconds = 0;
  const log = new EventLog({ now: () => 500 * seconds++ });
  log.append({ type: 'run', format: 1, name, startedAt });
  return log;
}

/** Two phases on two threads, and the figures after them. */
export function addIteration(log: EventLog, iteration: number): void {
  for (const side of ['user', 'item'] as const) {
    log.append({
      ...{ type: 'phase', iteration, side, seconds: 0.4, places: ['thread 1', 'thread 2'] },
      ...{ broadcastBytes: 0, uploadedBytes: 0, readBackBytes: 0 },
      blocks: { start: [0, 50_000], time: [300_000, 340_000], place: [0, 1] },
    });
  }
  const total = 1000 / iteration;
  log.append({
    ...{ type: 'iteration', iteration, rmse: 1, mae: 1, preferenceRmse: 0.5, seconds: 0.8 },
    loss: { observed: total / 2, unobserved: total / 4, regularization: total / 4, total },
    validation: { 'ndcg@20': 0.3 - 0.1 / iteration, 'recall@20': 0.35 - 0.1 / iteration },
  });
}
