import type { Command } from 'commander';
import { addNotes } from './help-text.js';
import { parseBytes } from './parse-bytes.js';
import { parseNumber } from './parse-number.js';

/** Values of the flags of `cluster`. */
export interface ClusterFlags {
  readonly workers: number;
  readonly threads?: number;
  readonly memory?: number;
  readonly port?: number;
  /** Undefined where the flag is not given. */
  readonly data?: readonly string[];
  readonly json?: true;
}

const notes = [
  'For trying nodes out: everything runs on this machine, listens on the loopback interface only, and ends with this command. It needs nats-server on the PATH.',
];
const examples = [
  'seesaw cluster --workers 2 --threads 1',
  'seesaw train ratings.csv --servers nats://127.0.0.1:41234 --workers 2',
];

/** Describes `cluster` and its flags. */
export function addClusterFlags(command: Command): Command {
  command
    .summary('a private NATS server and workers on this machine')
    .description(
      'Starts a private NATS server and workers on this machine, and stops them on exit.',
    )
    .option('--workers <n>', 'how many', parseNumber, 2)
    .option('--threads <n>', 'threads of each (default: the cores, shared out)', parseNumber)
    .option(
      '--memory <bytes>',
      'memory that each offers, such as 8GiB (default: what is free, less a quarter, shared out)',
      parseBytes,
    )
    .option(
      '--data <folder>',
      'files that the workers may read ratings from; may be given again (default: none)',
      (folder: string, before: readonly string[] = []) => [...before, folder],
    )
    .option('--port <n>', 'port of the server (default: one that is free)', parseNumber)
    .option('--json', 'print where the server is and what workers do, one JSON object a line');
  return addNotes(command, notes, examples);
}
