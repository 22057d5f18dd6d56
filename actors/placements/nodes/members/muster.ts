import { setTimeout as wait } from 'node:timers/promises';
import { StoppedError } from '../../../errors.js';
import type { Bus } from '../bus/nats.js';
import { type Hello, subjects } from '../messages/messages.js';
import { readHello } from '../messages/read-message.js';
import { Roster } from './roster.js';
import { isEnough, tooFewError, type Wanted } from './wanted.js';

/** For what job workers are counted, and how long. Times are seconds. */
export interface MusterSettings {
  /** An id as the job's. */
  readonly job: string;
  readonly wanted: Wanted;
  readonly deadline: number;
  readonly lostAfter: number;
}

const tickMs = 50;
/** Who lives says so within this time. */
const roundMs = 300;

/**
 * Counts the workers that could take a job, before it is decided what kernel it has.
 *
 * @returns all who are there when they are enough, in the order of their names
 * Rejects with `PlacementError` after the deadline, with `StoppedError` when the signal aborts.
 */
export async function muster(
  bus: Bus,
  { job, wanted, deadline, lostAfter }: MusterSettings,
  signal: AbortSignal,
): Promise<readonly Hello[]> {
  const roster = new Roster({ job, mostMissedTicks: Math.ceil((lostAfter * 1000) / tickMs) });
  const unsubscribe = bus.listen(subjects.hellos, (payload, { subject }) => {
    try {
      roster.hear(readHello(payload, subject));
    } catch {
      // Not a worker of any version.
    }
  });
  try {
    const startMs = performance.now();
    for (;;) {
      if (signal.aborted) throw new StoppedError();
      const found = roster.candidates();
      const waited = performance.now() - startMs;
      if (waited >= roundMs && isEnough(found, wanted)) return found;
      if (waited >= deadline * 1000) {
        throw tooFewError({ wanted, deadline, roster, server: bus.server });
      }
      await wait(tickMs, undefined, { signal }).catch(() => {});
      if (bus.isConnected) roster.tick();
    }
  } finally {
    unsubscribe();
  }
}
