import type { Command } from 'commander';
import { addNotes } from './help-text.js';
import { addNatsFlags, type NatsFlags } from './nats-flags.js';
import { parseBytes } from './parse-bytes.js';
import { parseNumber } from './parse-number.js';

/** Values of the flags of `worker`. */
export interface WorkerFlags extends NatsFlags {
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

/** Describes `worker` and its flags. */
export function addWorkerFlags(command: Command): Command {
  command
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
    .option('--quiet', 'print nothing');
  return addNotes(command, notes, examples);
}
