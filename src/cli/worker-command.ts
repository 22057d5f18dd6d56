import { startWorker } from '../../actors/placements/nodes/worker/start-worker.js';
import type { WorkerEvent } from '../../actors/placements/nodes/worker/worker-options.js';
import type { KernelName } from '../kernels/kernel-names.js';
import { escapeControls } from './escape-controls.js';
import { UsageError } from './exit-status.js';
import { asBytes, counted } from './figures.js';
import { interruptions } from './interruption.js';
import { jsonLine } from './json-line.js';
import { natsOptions } from './nats-flags.js';
import type { WorkerFlags } from './worker-flags.js';

/** Runs `seesaw worker`. */
export async function runWorker(flags: WorkerFlags): Promise<void> {
  const { servers, threads, memory, name, job, data = [] } = flags;
  if (servers === undefined) {
    throw new UsageError(
      "found no server; expected where to connect; try --servers nats://127.0.0.1:4222, or 'seesaw cluster'",
    );
  }
  const stopped = interruptions();
  const tell = (event: WorkerEvent): void => {
    if (flags.json) process.stdout.write(jsonLine(event));
    else if (!flags.quiet) process.stdout.write(`${escapeControls(lineOf(event))}\n`);
  };
  const worker = await startWorker({
    ...natsOptions(flags, servers),
    ...{ threads, memory: memory && Math.floor(memory), name, job, data, onEvent: tell },
    ...(flags.gpuSoftware && { gpu: { software: true } }),
    // What is no kernel is refused by its name.
    ...(flags.kernels && { kernels: flags.kernels.split(',') as KernelName[] }),
  });
  const stop = new Promise<'stopped'>((resolve) => {
    stopped.addEventListener('abort', () => resolve('stopped'));
    if (stopped.aborted) resolve('stopped');
  });
  const end = await Promise.race([stop, worker.ended]);
  await worker.stop();
  // A signal to stop is the normal end of a worker.
  if (end !== 'stopped' && end !== undefined) throw end;
}

function lineOf(event: WorkerEvent): string {
  switch (event.type) {
    case 'ready':
      return `worker ${event.worker} at ${event.server}, ${counted(event.threads, 'thread')}${gpuOf(event)}, ${asBytes(event.memory)}`;
    case 'warning':
      return `warning: ${event.message}`;
    case 'joined':
      return `joined ${event.job}`;
    case 'left':
      return `left ${event.job}: ${event.reason}`;
    case 'fault':
      return `${event.message}; going on with ${event.job} on WASM`;
    case 'refused':
      return `refused ${event.job}: ${event.reason}`;
    default:
      return event satisfies never;
  }
}

function gpuOf({ kernels }: Extract<WorkerEvent, { type: 'ready' }>): string {
  return kernels.some((name) => name.startsWith('gpu')) ? ' and a GPU' : '';
}
