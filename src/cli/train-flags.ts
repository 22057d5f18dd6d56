import { type Command, Option } from 'commander';
import type { RoutingMode } from '../../actors/placements/nodes/rows/routing.js';
import type { TrainingOptions } from '../../dataflow/training/train.js';
import type { TrainingControl } from '../../dataflow/training/training-control.js';
import { defaultJobOptions } from '../training/options.js';
import { addNotes } from './help-text.js';
import { addNatsFlags, type NatsFlags } from './nats-flags.js';
import { parseFraction, parseNumber, parseNumberOrAuto, parseNumbers } from './parse-number.js';
import { addReadFlags, type ReadFlags } from './read-flags.js';
import { addWatchingFlags, type WatchingFlags } from './watching-flags.js';

type JobFlags = Partial<
  Omit<TrainingOptions, 'initialFactors' | 'initialModel' | 'titles' | keyof TrainingControl>
>;

/** Most iterations of a training whose number of iterations is not given. */
export const maxIterations = 50;

/** Values of the flags of `train`. Flags that were not given and have no default are undefined. */
export interface TrainFlags extends JobFlags, ReadFlags, NatsFlags, WatchingFlags {
  readonly sql?: string;
  /** False: none, even if some lie beside the ratings. */
  readonly titles?: string | false;
  readonly preset?: 'paper';
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

/** Describes `train` and its flags. */
export function addTrainFlags(command: Command): Command {
  const number = (flags: string, text: string) => new Option(flags, text).argParser(parseNumber);
  const open = (flags: string, text: string) =>
    new Option(flags, text).argParser(parseNumberOrAuto).default('auto');
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
      number(
        '--iterations <n>',
        `times both sides are solved (default: at most ${maxIterations}, until no more is gained)`,
      ),
    )
    .addOption(
      new Option(
        '--preset <name>',
        'paper: all that is auto below as in Hu et al. 2008, made for counts (implicit only)',
      ).choices(['paper']),
    )
    .addOption(open('--regularization <λ>', 'weight of the factors in the loss'))
    .addOption(
      open(
        '--regularization-exponent <ν>',
        'a row of n ratings gets λ·n^ν, with ials λ·(n + w·N)^ν',
      ),
    )
    .addOption(open('--alpha <α>', 'confidence 1 + α·rating of a rated cell (implicit only)'))
    .addOption(open('--unobserved-weight <w>', 'weight of a cell without rating (implicit only)'))
    .addOption(
      new Option(
        '--objective <name>',
        'what the weight of cells without rating is for: them alone, or all cells as in iALS ' +
          '(implicit only)',
      )
        .choices(['auto', 'confidence', 'ials'])
        .default('auto'),
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
        'parts of the job, for more of them than fit 4 GiB; workers need --no-holdout',
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
    .option('--output <folder>', 'where the model goes; an existing one is replaced', 'model')
    .option('--json', 'print the events of the training, one JSON object a line')
    .option('--quiet', 'no progress');
  addWatchingFlags(command);
  return addNotes(command, notes, examples);
}

const notes = [
  'What is auto is chosen when the ratings are read, from how many cells are rated and the rank; the first lines say what was chosen, and docs/implicit-objectives.md by which rule. What is given alone stays, and the rest follows.',
  'The model that is saved is the one that was measured: it has not seen the withheld ratings. Train with --no-holdout for one that has seen everything. Ctrl-C keeps the model so far, a second one drops it; closing the terminal keeps it, too.',
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
