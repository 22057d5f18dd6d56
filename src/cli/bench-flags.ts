import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Solver } from '../kernels/kernel-names.js';
import { addNotes } from './help-text.js';
import { parseNumber, parseNumbers } from './parse-number.js';

/** Values of the flags of `bench`. */
export interface BenchFlags {
  readonly ranks?: readonly number[];
  readonly solvers: readonly Solver[];
  readonly threads?: readonly number[];
  readonly ratings: number;
  readonly quick?: true;
  readonly output?: string;
  readonly json?: true;
  readonly quiet?: true;
}

const knownSolvers: readonly Solver[] = ['cg', 'cholesky', 'subspace'];
const usualSolvers: readonly Solver[] = ['cg', 'cholesky'];

const notes = [
  'Ratings are made up from a seed and the same everywhere, so that two reports can be compared. A figure is the median of up to ten iterations after one to warm up, with the actors, the stream and the errors in it. GFLOP/s counts the operations of the plain algorithm. Close other programs first.',
];
const examples = [
  'seesaw bench',
  'seesaw bench --quick',
  'seesaw bench --ranks 64 --solvers cg --threads 1,2,4,8',
  'seesaw bench --output figures.json',
  `seesaw bench --json | jq 'select(.type == "figure") | .seconds'`,
];

/** Describes `bench` and its flags. */
export function addBenchFlags(command: Command): Command {
  command
    .summary('measure how fast this machine trains')
    .description('Measures seconds per iteration on made-up ratings of the size of MovieLens 1M.')
    .option('--ranks <list>', 'latent dimensions (default: 32,64,128)', parseNumbers)
    .addOption(
      new Option('--solvers <list>', `some of ${knownSolvers.join()}`)
        .argParser(parseSolvers)
        .default(usualSolvers, usualSolvers.join()),
    )
    .option('--threads <list>', 'numbers of threads (default: 1 and one a core)', parseNumbers)
    .option('--ratings <n>', 'how many ratings to make up', parseNumber, 1_000_000)
    .option('--quick', 'fewer iterations, and ranks 32 and 64 only: some seconds')
    .option('--output <file>', 'file for all figures as JSON')
    .option('--json', 'print one JSON object a line: the setting, then every figure')
    .option('--quiet', 'no progress');
  return addNotes(command, notes, examples);
}

function parseSolvers(text: string): readonly Solver[] {
  return text.split(',').map((name) => {
    const found = knownSolvers.find((solver) => solver === name);
    if (found) return found;
    throw new InvalidArgumentError(`Expected some of ${knownSolvers.join()}.`);
  });
}
