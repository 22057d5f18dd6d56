import { setTimeout as wait } from 'node:timers/promises';
import { StoppedError } from '../../../../src/errors.js';
import { type Hello, subjects } from '../protocol/messages.js';
import { readHello } from '../protocol/read-message.js';
import type { Bus } from '../transport/nats.js';
import { Roster, type RosterSettings } from './roster.js';
import { tickMs } from './silence.js';
import { isEnough, tooFewError, type Wanted } from './wanted.js';

/** Every live worker says hello within this time. */
const roundMs = 300;
const findMs = 50;

/** What workers must be able to do, and when they count as gone. */
export interface DiscoverySettings extends Omit<RosterSettings, 'maxMissedTicks'> {
  /** A worker that is silent for so long is gone; seconds. */
  readonly lostAfter: number;
  /** Called for every hello, after the roster has noted it. */
  readonly onHello?: (hello: Hello) => void;
}

/** How many workers to wait for, and how long. */
export interface Waiting {
  readonly wanted: Wanted;
  /** Seconds. */
  readonly deadline: number;
  /** Ends the wait, with `StoppedError`. */
  readonly signal: AbortSignal;
}

/** Finds the workers that could take a job: those that say hello, until they fall silent. */
export class WorkerDiscovery {
  readonly roster: Roster;
  readonly #bus: Bus;
  readonly #settings: DiscoverySettings;
  readonly #unsubscribe: () => void;

  /** The bus stays the caller's. */
  constructor(bus: Bus, settings: DiscoverySettings) {
    const { lostAfter, onHello, ...others } = settings;
    this.#bus = bus;
    this.#settings = settings;
    this.roster = new Roster({ ...others, maxMissedTicks: Math.ceil((lostAfter * 1000) / tickMs) });
    this.#unsubscribe = bus.listen(subjects.hellos, (payload, { subject }) => {
      const hello = helloOrNothing(payload, subject);
      if (hello === undefined) return;
      this.roster.hear(hello);
      onHello?.(hello);
    });
  }

  /**
   * Waits until enough workers are there, before the job's kernel is chosen.
   *
   * @returns all workers that are there, in the order of their names
   * Rejects with `PlacementError` after the deadline, with `StoppedError` when the signal aborts.
   */
  async find(waiting: Waiting): Promise<readonly Hello[]> {
    let waitedMs = 0;
    return this.until({ ...waiting, everyMs: findMs }, async () => {
      waitedMs += findMs;
      if (this.#bus.isConnected && waitedMs % tickMs === 0) this.roster.tick();
      // The first worker that says hello may not be the only one.
      if (waitedMs <= roundMs) return undefined;
      const found = this.roster.candidates();
      return isEnough(found, waiting.wanted) ? found : undefined;
    });
  }

  /**
   * Calls `look` again and again, until it gives something.
   *
   * @param look gets the milliseconds that are left
   * Rejects with `PlacementError` after the deadline, with `StoppedError` when the signal aborts.
   */
  async until<Found>(
    { wanted, deadline, signal, everyMs }: Waiting & { readonly everyMs: number },
    look: (leftMs: number) => Promise<Found | undefined>,
  ): Promise<Found> {
    const endMs = performance.now() + deadline * 1000;
    for (;;) {
      if (signal.aborted) throw new StoppedError();
      const found = await look(endMs - performance.now());
      if (found !== undefined) return found;
      if (performance.now() >= endMs) {
        const { kernel } = this.#settings;
        const { server } = this.#bus;
        throw tooFewError({
          ...{ wanted, deadline, roster: this.roster, server },
          ...(kernel && { kernel }),
        });
      }
      // The loop checks the signal.
      await wait(everyMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Ends the subscription. */
  close(): void {
    this.#unsubscribe();
  }
}

/** A worker of any version; undefined if the payload is no hello. */
function helloOrNothing(payload: Uint8Array, subject: string): Hello | undefined {
  try {
    return readHello(payload, subject);
  } catch {
    return undefined;
  }
}
