import { type Command, Option } from 'commander';
import type { RoutingMode } from '../../actors/placements/nodes/rows/routing.js';
import type { TrainingOptions } from '../../dataflow/training/train.js';
import type { TrainingControl } from '../../dataflow/training/training-control.js';
import { defaultJobOptions } from '../training/options.js';
import { addNotes } from './help-text.js';
import { addNatsFlags, type NatsFlags } from './nats-flags.js';
import { parseFraction, parseNumber, parseNumbers } from './parse-number.js';
import { addReadFlags, type ReadFlags } from './read-flags.js';
import { addWatchFlags, type WatchFlags } from './watching.js';

type JobFlags = Partial<
  Omit<TrainingOptions, 'initialFactors' | 'initialModel' | 'titles' | keyof TrainingControl>
>;

/** Values of the flags of `train`. Flags that were not given and have no default are undefined. */
export interface TrainFlags extends JobFlags, ReadFlags, NatsFlags, WatchFlags {
  readonly sql?: string;
  /** False: none, even if some lie beside the ratings. */
  readonly titles?: string | false;
  readonly seed: number;
  readonly threads?: number;
  readonly gpuSoftware?: true;
  /** With `servers`: how many to wait for. */
  readonly workers?: number;
  readonly job?: string;
  readonly routing?: RoutingMode;
  readonly readByWorkers?: true;
  /** 0 and false: train on everything. */
  readonly holdout: number | false;
  readonly k: readonly number[];
  readonly output: string;
  /** Folder of checkpoints. */
  readonly checkpoint?: string;
  readonly checkpointEvery?: number;
  readonly checkpointKeep?: number;
  /** True without a folder: that of `checkpoint`. */
  readonly resume?: string | true;
  readonly json?: true;
  readonly quiet?: true;
}

/**
 * Defaults of `train`. The library's implicit defaults are those of the paper, made for counts of
 * interest; these also suit stars. Measured at rank 64, 15 iterations, 10 % withheld: MovieLens
 * latest-small recall@20 0.304 and NDCG@20 0.255 (the library's: 0.198 and 0.137), goodbooks-10k
 * 0.253 and 0.152 (0.259 and 0.134). Explicit ones are ALS-WR's with biases: RMSE 0.874 on the
 * former (without biases 0.902), 0.863 on MovieLens 1M. Those of iALS are its authors' for
 * MovieLens 20M.
 */
export const trainDefaults = Object.freeze({
  implicit: { alpha: 5, regularization: 10, regularizationExponent: 0.5 },
  ials: { alpha: 0, unobservedWeight: 0.1, regularization: 0.003, regularizationExponent: 1 },
  explicit: { regularization: 0.1, regularizationExponent: 1 },
});

/** Describes `train` and its flags. */
export function addTrainFlags(command: Command): Command {
  const { implicit, ials, explicit } = trainDefaults;
  const number = (flags: string, text: string) => new Option(flags, text).argParser(parseNumber);
  command
    .summary('train a model on ratings, measure it and save it')
    .description(
      'Trains a model on ratings, measures it on withheld ones, shows what it recommends and ' +
        'saves it. Reads CSV, TSV, Parquet and JSON, also compressed. Without a file it takes ' +
        'the MovieLens ratings of a checkout, examples/data/movielens-small.',
    )
    .argument('[files...]', 'files with a row for each rating: user, item and, if known, rating');
  addReadFlags(command)
    .option('--sql <query>', 'a DuckDB query instead of files')
    .option(
      '--titles <file>',
      'titles of the items, to keep (default: movies.csv or the like beside the file)',
    )
    .option('--no-titles', 'keep and show no titles')
    .optionsGroup('The model:')
    .addOption(
      new Option('--feedback <kind>', 'implicit: a rating counts interest; explicit: it is a grade')
        .choices(['implicit', 'explicit'])
        .default(defaultJobOptions.feedback),
    )
    .addOption(
      number('--rank <n>', 'latent dimensions, 1 to 512; with subspace to 2048').default(
        defaultJobOptions.rank,
      ),
    )
    .addOption(
      number('--iterations <n>', 'times both sides are solved').default(
        defaultJobOptions.iterations,
      ),
    )
    .addOption(
      number(
        '--regularization <λ>',
        `weight of the factors in the loss (default: ${implicit.regularization}; ials: ${ials.regularization}; explicit: ${explicit.regularization})`,
      ),
    )
    .addOption(
      number(
        '--regularization-exponent <ν>',
        `a row of n ratings gets λ·n^ν, with ials λ·(n + w·N)^ν (default: ${implicit.regularizationExponent}; ials and explicit: ${explicit.regularizationExponent})`,
      ),
    )
    .addOption(
      number(
        '--alpha <α>',
        `confidence 1 + α·rating of a rated cell (default: ${implicit.alpha}; ials: ${ials.alpha}; implicit only)`,
      ),
    )
    .addOption(
      number(
        '--unobserved-weight <w>',
        `weight of a cell without rating (default: ${defaultJobOptions.unobservedWeight}; ials: ${ials.unobservedWeight}; implicit only)`,
      ),
    )
    .addOption(
      new Option(
        '--objective <name>',
        'what the weight of cells without rating is for: them alone, or all cells as in iALS ' +
          `(default: ${defaultJobOptions.objective}; implicit only)`,
      ).choices(['confidence', 'ials']),
    )
    .option('--biases', 'users and items have biases (default: with explicit, not --nonnegative)')
    .option('--no-biases', 'users and items have none')
    .option('--global-mean', 'predictions are around the mean rating (default: as for biases)')
    .option('--no-global-mean', 'predictions are around 0')
    .option('--nonnegative', 'no factor below 0')
    .addOption(
      new Option(
        '--solver <name>',
        'conjugate gradient, exact, or exact by subspaces as in iALS++ ' +
          `(default: ${defaultJobOptions.solver}; with --nonnegative cholesky)`,
      ).choices(['cg', 'cholesky', 'subspace']),
    )
    .addOption(
      number('--cg-steps <n>', 'steps of the cg solver').default(defaultJobOptions.cgSteps),
    )
    .addOption(
      number('--subspace-size <n>', 'dimensions that the subspace solver takes together').default(
        defaultJobOptions.subspaceSize,
      ),
    )
    .option('--no-overrelaxation', 'rows go no further than the steps of cg lead')
    .option('--no-balance', 'leave the model in the basis that it comes in')
    .addOption(
      new Option(
        '--start <name>',
        'where factors start: at a rough factorisation of the ratings, or at random numbers ' +
          `(default: ${defaultJobOptions.start}; with cholesky random)`,
      ).choices(['sketch', 'random']),
    )
    .addOption(
      number(
        '--initial-scale <s>',
        `random starting factors deviate by s/√rank (default: ${defaultJobOptions.initialScale})`,
      ),
    )
    .addOption(
      number('--seed <n>', 'seed of the factors and the withholding').default(
        defaultJobOptions.seed,
      ),
    )
    .optionsGroup('Where it runs:')
    .addOption(number('--threads <n>', `worker threads, 0 for none (default: one a core)`))
    .addOption(
      new Option('--kernel <name>', 'what does the arithmetic')
        .choices(['auto', 'wasm', 'wasm-simd128', 'reference', 'gpu'])
        .default(defaultJobOptions.kernel),
    )
    .option(
      '--gpu-software',
      'with --kernel gpu, take a driver that computes on the processor too, to test with',
    )
    .addOption(
      number(
        '--blocks <n>',
        'blocks a side: so many threads work at a time (default: by work, to 32)',
      ),
    );
  addNatsFlags(command.optionsGroup('On other machines (docs/nodes.md):'))
    .addOption(number('--workers <n>', 'wait for so many workers at the servers (default: 1)'))
    .option('--job <name>', 'begins the id of the job: workers can take certain jobs only')
    .addOption(
      new Option(
        '--routing <mode>',
        'which rows a worker gets: all, those that its blocks rate, or the fewer bytes of the two ' +
          '(default: auto)',
      ).choices(['auto', 'broadcast', 'routed']),
    )
    .option(
      '--read-by-workers',
      'read ratings where their blocks are solved: on workers (see worker --data), or here into ' +
        'parts of the job, for more of them than fit 4 GiB; with --no-holdout',
    )
    .optionsGroup('If it takes long:')
    .option('--checkpoint <folder>', 'write checkpoints there while it trains')
    .addOption(number('--checkpoint-every <n>', 'iterations from one to the next (default: 1)'))
    .addOption(number('--checkpoint-keep <n>', 'how many of the last ones stay (default: 2)'))
    .option(
      '--resume [folder]',
      'go on from the last checkpoint in the folder; without a folder from that in --checkpoint, ' +
        'or from the start if there is none',
    )
    .optionsGroup('What comes out:')
    .addOption(
      new Option('--holdout <fraction>', "share of each user's ratings to withhold and measure on")
        .argParser(parseFraction)
        .default(0.1),
    )
    .option('--no-holdout', 'train on everything and measure nothing')
    .addOption(
      new Option('--k <list>', 'lengths of the lists that are measured, separated by commas')
        .argParser(parseNumbers)
        .default([20], '20'),
    )
    .option('--output <folder>', 'where the model goes; one that lies there is replaced', 'model')
    .option('--json', 'print the events of the training, one JSON object a line')
    .option('--quiet', 'no progress');
  addWatchFlags(command);
  return addNotes(command, notes, examples);
}

const notes = [
  'The model that is saved is the one that was measured: it has not seen the withheld ratings. Train with --no-holdout for one that has seen everything. Ctrl-C keeps the model so far, a second one drops it.',
  'Exit status: 0 fine, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C.',
];
const examples = [
  'seesaw train ratings.csv',
  'seesaw train loans.parquet --user reader --item book --where "year >= 2020"',
  'seesaw train plays-*.csv.gz --duplicates sum --rank 128 --output plays',
  'seesaw train ratings.csv --feedback explicit --solver cholesky',
  'seesaw train ratings.csv --watch',
  'seesaw train ratings.csv --iterations 500 --checkpoint run1 --resume',
  `seesaw train ratings.csv --json | jq 'select(.type == "iteration") | .rmse'`,
];
