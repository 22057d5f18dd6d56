import { PlacementError } from '../../../../src/errors.js';
import type { KernelName } from '../../../../src/kernels/kernel.js';
import type { Hello } from '../protocol/messages.js';
import type { Roster } from './roster.js';

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

/** A wait that timed out. */
export interface TimedOutWait {
  readonly wanted: Wanted;
  /** Seconds. */
  readonly deadline: number;
  /** The workers that were there. */
  readonly roster: Roster;
  /** The server's address. */
  readonly server: string;
  /** The job's, once it has one. */
  readonly kernel?: KernelName;
}

/**
 * The error of a job with too few workers. It lists those that are there, and why they do not
 * count.
 */
export function tooFewError({
  wanted: { workers, threads },
  deadline,
  roster,
  server,
  kernel,
}: TimedOutWait): PlacementError {
  const wanted = `${workers} ${workers === 1 ? 'worker' : 'workers'}`;
  const inAll = threads > 1 ? ` with ${threads} threads in all` : '';
  const able = kernel === undefined ? '' : ` for kernel ${kernel}`;
  return new PlacementError(
    `found ${roster.describe()} at ${server} within ${deadline} s; ` +
      `expected ${wanted}${inAll}${able}; ` +
      `try 'seesaw worker --servers ${server}' on the machines that are to work`,
  );
}
