import { resolve } from 'node:path';
import type { Command } from 'commander';
import { tap } from 'rxjs';
import { inProcess } from '../../actors/placements/in-process.js';
import { withoutSecrets } from '../../actors/placements/nodes/bus/hide-secrets.js';
import { nodes } from '../../actors/placements/nodes/nodes.js';
import type { Placement } from '../../actors/placements/placement.js';
import { threads } from '../../actors/placements/threads.js';
import { evaluate } from '../../dataflow/evaluate.js';
import { fromFile } from '../../dataflow/sources/from-file.js';
import { fromSql } from '../../dataflow/sources/from-sql.js';
import { holdout } from '../../dataflow/splits/holdout.js';
import { type TrainingOptions, train } from '../../dataflow/training/train.js';
import type { CheckpointOptions } from '../../dataflow/training/training-control.js';
import type { FinishedEvent } from '../../dataflow/training/training-event.js';
import { checkWritable } from '../io/check-writable.js';
import { checkCheckpoints } from '../io/prepare-checkpoints.js';
import { bundledRatings, ownCommand, shellWord } from './bundled-data.js';
import { Interruption, UsageError } from './exit-status.js';
import { counted } from './figures.js';
import { interruptions } from './interruption.js';
import { natsOptions } from './nats-flags.js';
import { type Progress, progressOn } from './progress.js';
import { readOptions } from './read-flags.js';
import { findTitles, loadTitles, noTitles, type Titles } from './titles.js';
import { addTrainFlags, type TrainFlags, trainDefaults } from './train-flags.js';
import { jsonReport, peopleReport } from './train-report.js';
import { unlessStopped } from './unless-stopped.js';

/** Adds `seesaw train`. */
export function addTrainCommand(program: Command): void {
  addTrainFlags(program.command('train')).action((files: string[], flags: TrainFlags) =>
    runTrain(files, flags),
  );
}

/** Trains, measures and saves; says so as it goes. Rejects with an `Interruption` when stopped. */
async function runTrain(paths: readonly string[], flags: TrainFlags): Promise<void> {
  const source = chooseSource(paths, flags);
  const stopped = interruptions();
  const progress = progressOn(process.stderr, flags.json === true || flags.quiet === true);
  // Wrong options fail here, before anything is read.
  const events$ = trainingStream(source, flags, progress);
  await checkWritable(flags.output);
  await checkCheckpointFlags(flags);
  let hasCheckpoint = false;
  try {
    const titles = flags.json ? noTitles : await chooseTitles(source, flags);
    progress.begin(`reading ${source.name}`);
    const report = flags.json
      ? jsonReport(process.stdout)
      : peopleReport(process.stdout, progress, titles, source.name);
    let finished: FinishedEvent | undefined;
    await unlessStopped(
      stopped,
      events$.pipe(
        tap((event) => {
          if (event.type === 'finished') finished = event;
          else report.event(event);
          if (event.type === 'checkpoint') hasCheckpoint = true;
          if (event.type === 'started') hasCheckpoint = event.resumed !== undefined;
        }),
      ),
    );
    await finished!.model.save(flags.output);
    report.saved(finished!, flags.output);
  } catch (error) {
    throw error instanceof Interruption && hasCheckpoint ? resumable(error, flags) : error;
  } finally {
    progress.pause();
  }
}

/** The interruption of a training that has a checkpoint: it says how to go on. */
function resumable({ signal }: Interruption, { checkpoint, resume }: TrainFlags): Interruption {
  const words = [ownCommand(), ...process.argv.slice(2).map(shellWord)];
  if (resume === undefined) words.push('--resume', shellWord(checkpoint!));
  return new Interruption(
    signal,
    `stopped; go on from the last checkpoint with\n  ${words.join(' ')}`,
  );
}

/** Where the ratings come from. */
interface RatingSource {
  /** For people. */
  readonly name: string;
  readonly files: readonly string[];
  readonly sql: string | undefined;
}

function chooseSource(paths: readonly string[], { sql }: TrainFlags): RatingSource {
  if (sql !== undefined) {
    if (paths.length > 0) throw new UsageError('found files and --sql; expected one of the two');
    return { name: 'the query', files: [], sql };
  }
  const bundled = paths.length === 0 ? bundledRatings() : undefined;
  const files = bundled === undefined ? paths : [bundled];
  if (files.length === 0) {
    throw new UsageError(
      'found no file to train on; expected ratings as CSV, TSV, Parquet or JSON; ' +
        "try 'seesaw train ratings.csv'",
    );
  }
  const name = files.length === 1 ? files[0]! : `${files[0]} and ${files.length - 1} more`;
  return { name, files, sql };
}

function trainingStream(source: RatingSource, flags: TrainFlags, progress: Progress) {
  const { files, sql } = source;
  const columns = readOptions(flags);
  const trained = train(trainingOptions(flags));
  const tellWaiting = () => {
    const { servers, workers = 1 } = flags;
    if (servers !== undefined)
      progress.begin(
        `waiting for ${counted(workers, 'worker')} at ${servers.split(',').map(withoutSecrets).join(',')}`,
      );
  };
  if (flags.readByWorkers) {
    if (flags.holdout) {
      throw new UsageError(
        'found --read-by-workers and ratings to withhold, which are read here; ' +
          'expected nothing to withhold; try --no-holdout',
      );
    }
    const described = { ...columns, readBy: 'workers' } as const;
    const ratings$ = sql === undefined ? fromFile(files, described) : fromSql(sql, described);
    return ratings$.pipe(tap(tellWaiting), trained);
  }
  const ratings$ = sql === undefined ? fromFile(files, columns) : fromSql(sql, columns);
  if (!flags.holdout) return ratings$.pipe(tap(tellWaiting), trained);
  const withheld = { fraction: flags.holdout, seed: flags.seed };
  const onProgress = (done: number, total: number) => progress.evaluating(done, total);
  const measured = evaluate({ k: flags.k, onProgress });
  return ratings$.pipe(tap(tellWaiting), holdout(withheld), trained, measured);
}

/** The flags as options of the library; what was not given and has no default here, it decides. */
function trainingOptions(flags: TrainFlags): TrainingOptions {
  const { feedback = 'implicit', rank, iterations, seed, kernel, blocks } = flags;
  const { objective, biases, globalMean, nonnegative } = flags;
  const { solver, cgSteps, subspaceSize, initialScale } = flags;
  const { alpha, unobservedWeight, regularization, regularizationExponent } = flags;
  const placement = choosePlacement(flags);
  const gpu = flags.gpuSoftware && { software: true };
  const common = { feedback, rank, iterations, seed, kernel, gpu, blocks, placement };
  const keeping = { checkpoint: checkpointOptions(flags), resume: flags.resume };
  const shape = { objective, biases, globalMean, nonnegative };
  const solving = { solver, cgSteps, subspaceSize, initialScale };
  const tuned = { alpha, unobservedWeight, regularization, regularizationExponent };
  const isIals = feedback === 'implicit' && objective === 'ials';
  const defaults = trainDefaults[isIals ? 'ials' : feedback];
  const model = { ...given(shape), ...given(solving), ...defaults, ...given(tuned) };
  return { ...given(common), ...given(keeping), ...model };
}

function choosePlacement(flags: TrainFlags): Placement {
  const { threads: count, servers, workers, job, routing } = flags;
  if (servers !== undefined) {
    if (count === undefined)
      return nodes({ ...natsOptions(flags, servers), workers, job, routing });
    throw new UsageError('found --threads and --servers; expected one of the two');
  }
  const { readByWorkers } = flags;
  const [found] = Object.entries({ workers, job, routing, 'read-by-workers': readByWorkers })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `--${name}`);
  if (found !== undefined) {
    throw new UsageError(`found ${found} without --servers; expected both; try --servers nats://…`);
  }
  return count === 0 ? inProcess() : threads(count);
}

/** Refuses a folder that checkpoints cannot be written to before anything is read. */
async function checkCheckpointFlags({ checkpoint, resume }: TrainFlags): Promise<void> {
  if (checkpoint === undefined) return;
  const isResumed =
    resume === true || (resume !== undefined && resolve(resume) === resolve(checkpoint));
  await checkCheckpoints(checkpoint, isResumed);
}

function checkpointOptions(flags: TrainFlags): CheckpointOptions | undefined {
  const { checkpoint: path, checkpointEvery: every, checkpointKeep: keep } = flags;
  if (path !== undefined) return { path, ...given({ every, keep }) };
  if (every === undefined && keep === undefined) return undefined;
  throw new UsageError('found a rule for checkpoints but no folder; try --checkpoint <folder>');
}

/** The properties that are not undefined. */
function given<Flags extends object>(
  flags: Flags,
): { [Name in keyof Flags]: NonNullable<Flags[Name]> } {
  return Object.fromEntries(
    Object.entries(flags).filter(([, value]) => value !== undefined),
  ) as never;
}

async function chooseTitles(
  { files }: RatingSource,
  { titles, item }: TrainFlags,
): Promise<Titles> {
  if (titles !== undefined) return loadTitles(titles, item);
  return files.length === 0 ? noTitles : findTitles(files[0]!, item);
}
