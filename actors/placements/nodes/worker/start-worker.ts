import type { Worker } from './worker.js';
import type { WorkerOptions } from './worker-options.js';

/**
 * Connects this process to a NATS server and solves blocks of the jobs that run there with
 * `nodes()`, one job after the other, on threads of its own.
 *
 * When a supervisor has been silent for 10 s, the worker leaves its job and frees the memory.
 *
 * Throws `ConnectionError`, and `InvalidOptionError` for options that are wrong.
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  // Programs that are no worker load none of it.
  const { openWorker } = await import('./worker.js');
  return openWorker(options);
}
