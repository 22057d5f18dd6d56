import { type Command, Option } from 'commander';
import type { MetricName } from '../evaluation/metric-names.js';
import type { Objective } from '../kernels/job-layout.js';
import type { Solver } from '../kernels/kernel-names.js';
import { defaultJobOptions, type JobOptions } from '../training/options.js';
import { addNotes } from './help-text.js';
import { parseFraction, parseNumber } from './parse-number.js';
import { addReadFlags, type ReadFlags } from './read-flags.js';
import { parseTried, type TriedValues } from './tried-values.js';
import { addWatchingFlags, type WatchingFlags } from './watching-flags.js';

/** Options that can be tried with several values, in the order in which they are drawn and shown. */
export const triedOptions = [
  'rank',
  'iterations',
  'regularization',
  'regularizationExponent',
  'alpha',
  'unobservedWeight',
  'initialScale',
  'cgSteps',
  'subspaceSize',
] as const satisfies readonly (keyof JobOptions)[];

export type TriedOption = (typeof triedOptions)[number];

/** Values of the flags of `search`. Flags that were not given and have no default are undefined. */
export interface SearchFlags
  extends ReadFlags,
    Partial<Record<TriedOption, TriedValues>>,
    WatchingFlags {
  readonly sql?: string;
  readonly titles?: string | false;
  readonly feedback: 'implicit' | 'explicit';
  readonly objective?: Objective;
  readonly biases?: boolean;
  readonly globalMean?: boolean;
  readonly nonnegative?: true;
  readonly solver?: Solver;
  readonly kernel: 'auto' | 'wasm' | 'wasm-simd128' | 'reference' | 'gpu';
  /** Undefined: every combination. */
  readonly trials?: number;
  readonly metric?: MetricName;
  readonly seed: number;
  readonly holdout: number;
  readonly concurrency?: number;
  /** Of each trial. */
  readonly threads?: number;
  readonly output: string;
  readonly json?: true;
  readonly quiet?: true;
}

/** Describes `search` and its flags. */
export function addSearchFlags(command: Command): Command {
  const tried = (flags: string, text: string) => new Option(flags, text).argParser(parseTried);
  const number = (flags: string, text: string) => new Option(flags, text).argParser(parseNumber);
  command
    .summary('find the options that suit ratings best, and save the best model')
    .description(
      'Trains a model with each combination of the options, or with some drawn at random, measures ' +
        'all on the same withheld ratings and saves the best one. Reads what train reads.',
    )
    .argument('[files...]', 'files with a row for each rating: user, item and, if known, rating');
  addReadFlags(command)
    .option('--sql <query>', 'a DuckDB query instead of files')
    .option('--titles <file>', 'titles of the items, to keep (default: as for train)')
    .option('--no-titles', 'keep no titles')
    .optionsGroup('What to try (16, or 16,32, or 1..99):')
    .addOption(tried('--rank <n>', `latent dimensions (default: ${defaultJobOptions.rank})`))
    .addOption(
      tried(
        '--iterations <n>',
        `times both sides are solved (default: ${defaultJobOptions.iterations})`,
      ),
    )
    .addOption(tried('--regularization <λ>', 'weight of the factors in the loss (default: auto)'))
    .addOption(
      tried('--regularization-exponent <ν>', "how it grows with a row's ratings (default: auto)"),
    )
    .addOption(
      tried(
        '--alpha <α>',
        'confidence 1 + α·rating of a rated cell (default: auto; implicit only)',
      ),
    )
    .addOption(
      tried(
        '--unobserved-weight <w>',
        'weight of a cell without rating (default: auto; implicit only)',
      ),
    )
    .addOption(
      tried(
        '--initial-scale <s>',
        `random starting factors deviate by s/√rank (default: ${defaultJobOptions.initialScale})`,
      ),
    )
    .addOption(
      tried('--cg-steps <n>', `steps of the cg solver (default: ${defaultJobOptions.cgSteps})`),
    )
    .addOption(
      tried(
        '--subspace-size <n>',
        `dimensions that the subspace solver takes together (default: ${defaultJobOptions.subspaceSize})`,
      ),
    )
    .optionsGroup('The same in every trial:')
    .addOption(
      new Option('--feedback <kind>', 'implicit: a rating counts interest; explicit: it is a grade')
        .choices(['implicit', 'explicit'])
        .default(defaultJobOptions.feedback),
    )
    .addOption(
      new Option('--objective <name>', 'see train --help (implicit only)').choices([
        'confidence',
        'ials',
      ]),
    )
    .option('--biases', 'users and items have biases (default: with explicit, not --nonnegative)')
    .option('--no-biases', 'users and items have none')
    .option('--global-mean', 'predictions are around the mean rating (default: as for biases)')
    .option('--no-global-mean', 'predictions are around 0')
    .option('--nonnegative', 'no factor below 0')
    .addOption(
      new Option(
        '--solver <name>',
        `see train --help (default: ${defaultJobOptions.solver}; with --nonnegative cholesky)`,
      ).choices(['cg', 'cholesky', 'subspace']),
    )
    .addOption(
      new Option('--kernel <name>', 'what does the arithmetic')
        .choices(['auto', 'wasm', 'wasm-simd128', 'reference', 'gpu'])
        .default(defaultJobOptions.kernel),
    )
    .optionsGroup('How to search:')
    .addOption(number('--trials <n>', 'draw so many at random (default: every combination)'))
    .option(
      '--metric <name>',
      'what the best is best in: ndcg@20, recall@10, map@20, …, auc; explicit only: rmse, mae ' +
        '(default: ndcg@20; explicit: rmse)',
    )
    .addOption(
      new Option('--holdout <fraction>', "share of each user's ratings to withhold and measure on")
        .argParser(parseFraction)
        .default(0.1),
    )
    .addOption(
      number('--seed <n>', 'seed of the factors, the withholding and the draw').default(
        defaultJobOptions.seed,
      ),
    )
    .addOption(number('--concurrency <n>', 'trials at a time (default: one a core, to 4)'))
    .addOption(number('--threads <n>', 'worker threads of each trial (default: the cores shared)'))
    .optionsGroup('What comes out:')
    .option('--output <folder>', 'where the best model goes; an existing one is replaced', 'model')
    .option('--json', 'print the events of the search, one JSON object a line')
    .option('--quiet', 'no progress');
  addWatchingFlags(command);
  return addNotes(command, notes, examples);
}

const notes = [
  'A range such as 1..99 needs --trials. It is drawn from with all orders of magnitude alike, from 0 with all numbers alike. More trials with the same seed repeat the ones before. Ctrl-C keeps the best model so far, a second one drops it.',
  'The model that is saved has not seen the withheld ratings, and was chosen by them: figures on later ratings (seesaw evaluate) may be a little lower.',
  'Exit status: 0 fine, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C.',
];
const examples = [
  'seesaw search ratings.csv --rank 32,64 --regularization 0.003,0.01,0.03',
  'seesaw search ratings.csv --trials 20 --unobserved-weight 0.03..1 --regularization 0.001..0.1',
  'seesaw search stars.csv --feedback explicit --regularization 0.02,0.05,0.1',
  "seesaw search ratings.csv --rank 16,32 --json | jq 'select(.score) | .score'",
];
