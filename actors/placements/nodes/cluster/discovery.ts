import { setTimeout as wait } from 'node:timers/promises';
import { PlacementError, StoppedError } from '../../../../src/errors.js';
import type { KernelName } from '../../../../src/kernels/kernel-names.js';
import { type Hello, subjects } from '../protocol/messages.js';
import { readHello } from '../protocol/read-hello.js';
import type { Bus } from '../transport/bus.js';
import { tickMs } from './heartbeat.js';
import { type RegistrySettings, WorkerRegistry } from './registry.js';

/** Every live worker says hello within this time. */
const roundMs = 300;
const findMs = 50;

/** How many workers and threads a job waits for. */
export interface Wanted {
  readonly workers: number;
  readonly threads: number;
}

/** Whether these workers are enough. */
export function isEnough(found: readonly Hello[], { workers, threads }: Wanted): boolean {
  const inAll = found.reduce((sum, hello) => sum + hello.threads, 0);
  return found.length >= workers && inAll >= threads;
}

/** What workers must be able to do, and when they count as gone. */
export interface DiscoverySettings extends Omit<RegistrySettings, 'maxMissedTicks'> {
  /** A worker that is silent for so long is gone; seconds. */
  readonly lostAfter: number;
  /** Called for every hello, after the registry has noted it. */
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
  readonly registry: WorkerRegistry;
  readonly #bus: Bus;
  readonly #settings: DiscoverySettings;
  readonly #unsubscribe: () => void;

  /** The bus stays the caller's. */
  constructor(bus: Bus, settings: DiscoverySettings) {
    const { lostAfter, onHello, ...others } = settings;
    this.#bus = bus;
    this.#settings = settings;
    this.registry = new WorkerRegistry({
      ...others,
      maxMissedTicks: Math.ceil((lostAfter * 1000) / tickMs),
    });
    this.#unsubscribe = bus.listen(subjects.hellos, (payload, { subject }) => {
      const hello = helloOrNothing(payload, subject);
      if (hello === undefined) return;
      this.registry.hear(hello);
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
      if (this.#bus.isConnected && waitedMs % tickMs === 0) this.registry.tick();
      // The first worker that says hello may not be the only one.
      if (waitedMs <= roundMs) return undefined;
      const found = this.registry.candidates();
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
          ...{ wanted, deadline, registry: this.registry, server },
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

/** A wait that timed out. */
interface TimedOutWait {
  readonly wanted: Wanted;
  /** Seconds. */
  readonly deadline: number;
  /** The workers that were there. */
  readonly registry: WorkerRegistry;
  /** The server's address. */
  readonly server: string;
  /** The job's, once it has one. */
  readonly kernel?: KernelName;
}

/**
 * The error of a job with too few workers. It lists those that are there, and why they do not
 * count.
 */
function tooFewError({
  wanted: { workers, threads },
  deadline,
  registry,
  server,
  kernel,
}: TimedOutWait): PlacementError {
  const wanted = `${workers} ${workers === 1 ? 'worker' : 'workers'}`;
  const inAll = threads > 1 ? ` with ${threads} threads in all` : '';
  const able = kernel === undefined ? '' : ` for kernel ${kernel}`;
  return new PlacementError(
    `found ${registry.describe()} at ${server} within ${deadline} s; ` +
      `expected ${wanted}${inAll}${able}; ` +
      `try 'seesaw worker --servers ${server}' on the machines that are to work`,
  );
}
