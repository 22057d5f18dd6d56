import { concatMap, fromEvent, map, merge, type Observable, of, tap } from 'rxjs';

import { asError } from '../../actors/as-error.js';
import { withoutSecrets } from '../../actors/placements/nodes/transport/hide-secrets.js';
import { evaluate } from '../../dataflow/evaluate.js';
import { fromFile } from '../../dataflow/sources/from-file.js';
import { fromSql } from '../../dataflow/sources/from-sql.js';
import { holdout } from '../../dataflow/splits/holdout.js';
import { stopOn } from '../../dataflow/training/stop-on.js';
import { type TrainingSource, train } from '../../dataflow/training/train.js';
import type { FinishedEvent, TrainingEvent } from '../../dataflow/training/training-event.js';
import { indexIfLarge } from '../model/index-if-large.js';
import { checkWritable } from '../model/store/check-writable.js';
import { writeModel } from '../model/store/write-model.js';
import { ownCommand, shellWord } from './bundled-data.js';
import { type StopRule, stopRule } from './enough-iterations.js';
import { Interruption, ReportError, UsageError } from './exit-status.js';
import { counted } from './figures.js';
import { interruptions } from './interruption.js';
import { keepSoFar, timeToDrop } from './keep-so-far.js';
import { progressOn } from './progress.js';
import { chooseSource, chooseTitles, type RatingSource } from './rating-source.js';
import { readOptions } from './read-flags.js';
import { withTitles } from './titles.js';
import type { TrainFlags } from './train-flags.js';
import { jsonReport, peopleReport } from './train-report.js';
import { checkCheckpointFlags, trainingOptions } from './training-options.js';
import { unlessStopped } from './unless-stopped.js';
import { type Watching, watching } from './watching.js';
import { withhold } from './withhold.js';

/**
 * Trains, saves and measures, in this order, and reports progress. When stopped, rejects with an
 * `Interruption`, and keeps the model of the last iteration if there is one.
 */
export async function runTrain(paths: readonly string[], flags: TrainFlags): Promise<void> {
  const source = chooseSource('train', paths, flags.sql);
  const stopped = interruptions();
  let iterations = 0;
  const { kept, dropped } = keepSoFar(stopped, () => iterations > 0);
  const progress = progressOn(process.stderr, flags.json === true || flags.quiet === true);
  let withheldNote: string | undefined;
  const page = watching(flags, flags.output);
  let stopReason: string | undefined;
  // Wrong options fail here, before anything is read.
  const events$ = trainingStream(source, flags, page, {
    onWaiting: (text) => progress.begin(text),
    onWithheld: (note) => {
      withheldNote = note;
    },
    onStopRule: ({ reason }) => {
      stopReason = reason;
    },
  }).pipe(stopOn(merge(fromEvent(kept, 'abort'), page.stop$)));
  const measure = evaluate<number, FinishedEvent>({
    k: flags.k,
    onProgress: (done, total) => progress.evaluating(done, total),
  });
  await checkWritable(flags.output);
  let hasCheckpoint = await checkCheckpointFlags(flags);
  try {
    const titles = await chooseTitles(source, flags);
    await page.open();
    progress.begin(`reading ${source.name}`);
    const report = flags.json
      ? jsonReport(process.stdout)
      : peopleReport(process.stdout, progress, {
          source: source.name,
          titles,
          withheldNote: () => withheldNote,
          stopReason: () => stopReason,
        });
    let finished: FinishedEvent | undefined;
    await unlessStopped(
      dropped,
      events$.pipe(
        tap((event) => {
          page.event(event);
          if (event.type === 'iteration') iterations = event.iteration;
          if (event.type === 'finished') {
            finished = { ...event, model: withTitles(event.model, titles) };
            page.model(finished.model);
          } else report.event(event);
          if (event.type === 'checkpoint') hasCheckpoint = true;
          if (event.type === 'started') hasCheckpoint = event.resumed !== undefined;
        }),
      ),
    );
    await timeToDrop(kept, progress, flags.output);
    // Who stops a training does not wait for an index.
    if (!kept.aborted) await indexIfLarge(finished!.model);
    const { directory: path, bytes } = await writeModel(finished!.model, flags.output);
    const saved = { type: 'saved', path, bytes } as const;
    page.event(saved);
    report.event(saved);
    if (kept.aborted) throw keptModel(kept.reason, finished!, flags.output);
    try {
      if (finished!.test !== undefined) {
        const measured$ = of(finished!).pipe(measure);
        await unlessStopped(
          stopped,
          measured$.pipe(
            tap((event) => {
              if (event.type !== 'evaluation') return;
              page.event(event);
              report.event(event);
            }),
          ),
        );
      }
      report.saved(finished!, flags.output);
      await page.stay(stopped);
    } catch (error) {
      throw afterSaving(error, flags.output);
    }
  } catch (error) {
    await page.close(error);
    throw error instanceof Interruption && hasCheckpoint ? resumable(error, flags) : error;
  } finally {
    await page.close();
    progress.pause();
  }
}

/** A training that was ended early, and saved its model so far. */
function keptModel({ signal }: Interruption, { iterations }: FinishedEvent, modelPath: string) {
  const after = counted(iterations, 'iteration');
  return new Interruption(
    signal,
    `stopped after ${after}; the model so far is saved in ${modelPath}`,
  );
}

/** The interruption of a training that has a checkpoint: it says how to continue. */
function resumable(
  { signal, message }: Interruption,
  { checkpoint, resume }: TrainFlags,
): Interruption {
  const words = [ownCommand(), ...process.argv.slice(2).map(shellWord)];
  if (resume === undefined) words.push('--resume', shellWord(checkpoint!));
  return new Interruption(
    signal,
    `${message}; go on from the last checkpoint with\n  ${words.join(' ')}`,
  );
}

/** An error after the model was saved; its message says that the model is safe. */
function afterSaving(error: unknown, modelPath: string): Error {
  const saved = `the model is saved in ${modelPath}`;
  if (error instanceof Interruption) return new Interruption(error.signal, `stopped; ${saved}`);
  return new ReportError(
    `${saved}, but could not be measured or shown: ${asError(error).message}`,
    {
      cause: error,
    },
  );
}

interface StreamListeners {
  /** Training is about to wait for workers: `waiting for 2 workers at nats://…`. */
  readonly onWaiting: (text: string) => void;
  /** How ratings were withheld, if that needs a note. */
  readonly onWithheld: (note: string | undefined) => void;
  /** How training ends where the number of iterations is not given. */
  readonly onStopRule: (rule: StopRule) => void;
}

function trainingStream(
  source: RatingSource,
  flags: TrainFlags,
  page: Watching,
  { onWaiting, onWithheld, onStopRule }: StreamListeners,
): Observable<TrainingEvent> {
  const { files, sql } = source;
  const columns = readOptions(flags);
  const trained = train(page.control(trainingOptions(flags)));
  const runs = (ratings$: Observable<TrainingSource>) =>
    ratings$.pipe(tap(tellWaiting), concatMap(trainOne));
  const trainOne = (input: TrainingSource): Observable<TrainingEvent> => {
    const events$: Observable<TrainingEvent> = of(input).pipe(trained);
    if (flags.iterations !== undefined) return events$;
    const rule = stopRule(flags.feedback ?? 'implicit', 'test' in input);
    onStopRule(rule);
    return events$.pipe(rule.stage);
  };
  const tellWaiting = () => {
    const { servers, workers = 1 } = flags;
    if (servers !== undefined) {
      const shown = servers.split(',').map(withoutSecrets).join(',');
      onWaiting(`waiting for ${counted(workers, 'worker')} at ${shown}`);
    }
  };
  const { holdout: fraction, seed } = flags;
  if (flags.readByWorkers) {
    if (fraction && flags.servers !== undefined) {
      throw new UsageError(
        'found --read-by-workers with --servers and ratings to withhold, which are read here; ' +
          'expected nothing to withhold; try --no-holdout',
      );
    }
    const described = { ...columns, readBy: 'workers' } as const;
    const ratings$ = sql === undefined ? fromFile(files, described) : fromSql(sql, described);
    return fraction ? runs(ratings$.pipe(holdout({ fraction, seed }))) : runs(ratings$);
  }
  const ratings$ = sql === undefined ? fromFile(files, columns) : fromSql(sql, columns);
  if (!fraction) return runs(ratings$);
  return runs(
    ratings$.pipe(
      map((ratings) => {
        const { input, note } = withhold(ratings, fraction, seed);
        onWithheld(note);
        return input;
      }),
    ),
  );
}
