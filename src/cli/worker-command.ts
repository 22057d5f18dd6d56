import type { Command } from 'commander';
import { startWorker } from '../../actors/placements/nodes/worker/worker.js';
import type { WorkerEvent } from '../../actors/placements/nodes/worker/worker-options.js';
import type { KernelName } from '../kernels/kernel-names.js';
import { escapeControls } from './escape-controls.js';
import { UsageError } from './exit-status.js';
import { asBytes, counted } from './figures.js';
import { addNotes } from './help-text.js';
import { interruptions } from './interruption.js';
import { jsonLine } from './json-line.js';
import { addNatsFlags, type NatsFlags, natsOptions } from './nats-flags.js';
import { parseBytes } from './parse-bytes.js';
import { parseNumber } from './parse-number.js';

interface WorkerFlags extends NatsFlags {
  readonly threads?: number;
  readonly memory?: number;
  readonly name?: string;
  readonly job?: string;
  readonly kernels?: string;
  readonly gpuSoftware?: true;
  /** Undefined where the flag is not given. */
  readonly data?: readonly string[];
  readonly json?: true;
  readonly quiet?: true;
}

const notes = [
  "A worker serves one job after the other, for every training at the same server: with 'seesaw train ratings.csv --servers nats://10.0.0.5:4222', or with placement nodes() in a program. It opens no port, and reads only files in --data. On Ctrl-C or SIGTERM it returns its blocks. docs/nodes.md says how to set up a server and which permissions a worker needs. 'seesaw cluster --workers 2' starts a server and workers on this machine, to try it.",
];
const examples = [
  'seesaw worker --servers nats://10.0.0.5:4222',
  "seesaw worker --servers nats://10.0.0.5:4222 --threads 8 --job 'nightly*'",
  'seesaw worker --servers nats://10.0.0.5:4222 --memory 8GiB',
  'seesaw worker --servers nats://10.0.0.5:4222 --data /srv/ratings',
  'seesaw worker --servers nats://10.0.0.5:4222 --creds worker.creds',
];

/** Adds `seesaw worker`. */
export function addWorkerCommand(program: Command): void {
  const command = program
    .command('worker')
    .summary('solve blocks for jobs on other machines')
    .description(
      'Connects this machine to a NATS server and solves blocks for jobs that run there.',
    );
  addNatsFlags(command.optionsGroup('Where the jobs come from:'))
    .optionsGroup('This worker:')
    .option('--threads <n>', 'threads that solve (default: one a core)', parseNumber)
    .option(
      '--memory <bytes>',
      'memory that it offers, such as 8GiB (default: what is free, less a quarter)',
      parseBytes,
    )
    .option('--name <text>', 'its name in events (default: of the machine and the process)')
    .option('--job <pattern>', 'names of the jobs that it takes, * for any text (default: all)')
    .option('--kernels <names>', 'kernels that it may run, separated by commas (default: all)')
    .option('--gpu-software', 'offer a GPU driver that computes on the processor too, to test with')
    .option(
      '--data <folder>',
      'files that jobs may read ratings from; may be given again (default: none)',
      (folder: string, before: readonly string[] = []) => [...before, folder],
    )
    .optionsGroup('What it says:')
    .option('--json', 'print what happens, one JSON object a line')
    .option('--quiet', 'print nothing')
    .action(runWorker);
  addNotes(command, notes, examples);
}

async function runWorker(flags: WorkerFlags): Promise<void> {
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
