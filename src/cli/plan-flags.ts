import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Solver } from '../kernels/kernel-names.js';
import type { Start } from '../training/options.js';
import { addNotes } from './help-text.js';
import { addNatsFlags, type NatsFlags } from './nats-flags.js';
import { parseBytes } from './parse-bytes.js';
import { parseNumber } from './parse-number.js';
import { addSimulationFlags, type SimulationFlags } from './simulation-flags.js';

/** Values of the flags of `plan`. */
export interface PlanFlags extends SimulationFlags, NatsFlags {
  readonly users?: number;
  readonly items?: number;
  readonly ratings?: number;
  readonly from?: string;
  readonly rank?: number;
  readonly solver?: Solver;
  readonly start?: Start;
  readonly cgSteps?: number;
  readonly blocks?: number;
  readonly longestItemRow?: number;
  readonly nodes?: number;
  readonly threads?: number;
  readonly network?: number;
  readonly memory?: number;
  readonly routing?: 'auto' | 'broadcast' | 'routed';
  readonly road?: 'server' | 'direct';
  readonly calibrate?: true;
  readonly figures?: string;
  readonly table?: true;
  readonly svg?: string;
  readonly json?: true;
  readonly quiet?: true;
}

const notes = [
  'A plan trains nothing. Seconds come from figures of a machine: those that --calibrate has measured and kept, else those of a development machine, which the plan names. Numbers of ratings a user and an item are as in made-up ratings, or as in --from. docs/scale.md says what is measured, counted and assumed.',
  'Rows travel through the NATS server. --road direct shows what transfers from node to node would take; they are not built, nor are more than 256 blocks a side.',
];
const examples = [
  'seesaw plan --users 1e6 --items 2e5 --ratings 1e8 --nodes 4 --threads 16',
  'seesaw plan --users 320e6 --items 70e6 --ratings 30e9 --nodes 1000',
  'seesaw plan --from ratings.csv --rank 128 --threads 8',
  'seesaw plan --users 1e6 --items 2e5 --ratings 1e8 --svg seconds.svg',
  'seesaw plan --from ratings.csv --nodes 4 --simulate --lose-node 1@2',
  'seesaw plan --calibrate',
  'seesaw plan --table',
];

/** Describes `plan` and its flags. */
export function addPlanFlags(command: Command): Command {
  const number = (flags: string, text: string) => new Option(flags, text).argParser(parseNumber);
  command
    .summary('tell what a training takes before it runs')
    .description(
      'Tells what a training takes before it runs: memory, bytes, seconds, and what to change.',
    )
    .optionsGroup('The job:')
    .addOption(number('--users <n>', 'how many'))
    .addOption(number('--items <n>', 'how many'))
    .addOption(number('--ratings <n>', 'how many'))
    .option('--from <file>', 'take these numbers, and those of each row, from ratings in a file')
    .addOption(number('--rank <n>', 'latent dimensions (default: 64)'))
    .addOption(
      number('--iterations <n>', 'times both sides are solved (default: as many as to expect)'),
    )
    .addOption(
      new Option('--solver <name>', 'as of train (default: cg)').choices([
        'cg',
        'cholesky',
        'subspace',
      ]),
    )
    .addOption(
      new Option('--start <name>', 'as of train (default: sketch; with cholesky random)').choices([
        'sketch',
        'random',
      ]),
    )
    .addOption(number('--cg-steps <n>', 'steps of the cg solver (default: 2)'))
    .addOption(number('--blocks <n>', 'blocks a side (default: at least one a thread, to 256)'))
    .addOption(
      number('--longest-item-row <n>', 'ratings of the most popular item (default: as made up)'),
    )
    .optionsGroup('The machines:')
    .addOption(number('--nodes <n>', 'machines with workers (default: 1, without a server)'))
    .addOption(
      number(
        '--threads <n>',
        'threads of each, 0 for none on one machine (default: cores measured)',
      ),
    )
    .option('--network <speed>', 'of each card, such as 25Gbit (default: 25Gbit)', parseSpeed)
    .option('--memory <bytes>', 'of each machine, such as 64GB (default: 64GB)', parseBytes)
    .addOption(
      new Option('--routing <mode>', 'which rows a node gets (default: auto)').choices([
        'auto',
        'broadcast',
        'routed',
      ]),
    )
    .addOption(
      new Option('--road <name>', 'how rows travel (default: server)').choices([
        'server',
        'direct',
      ]),
    );
  addSimulationFlags(command)
    .optionsGroup('Measured figures:')
    .option('--calibrate', 'measure this machine, one to three minutes, and keep the figures')
    .option('--figures <file>', 'keep them there, or take them from there');
  addNatsFlags(command.optionsGroup('The way between nodes, with --calibrate:'))
    .optionsGroup('What comes out:')
    .option('--table', "the notebook's table of setups, beside what its formula gives")
    .option('--svg <file>', 'a picture of the seconds of an iteration against nodes')
    .option('--json', 'print one JSON object')
    .option('--quiet', 'no progress');
  return addNotes(command, notes, examples);
}

/** Bits a second. */
function parseSpeed(text: string): number {
  const [, size, unit] = /^([\d.]+(?:e\d+)?)\s*([kMGT]?)bit(?:\/s|ps)?$/i.exec(text.trim()) ?? [];
  const value = Number(size);
  if (!(value > 0)) throw new InvalidArgumentError('Expected a speed such as 25Gbit.');
  return value * 1000 ** ['', 'k', 'm', 'g', 't'].indexOf(unit!.toLowerCase());
}
