import type { Command } from 'commander';
import { fromEvent, map, takeUntil, tap } from 'rxjs';
import { endEarly } from '../../dataflow/end-early.js';
import { bestSoFar } from '../../dataflow/search/best-so-far.js';
import type { SearchFinishedEvent } from '../../dataflow/search/search-event.js';
import type { Chosen, DefaultTrialEvent } from '../../dataflow/search/search-trials.js';
import { fromFile } from '../../dataflow/sources/from-file.js';
import { fromSql } from '../../dataflow/sources/from-sql.js';
import { checkWritable } from '../model/store/check-writable.js';
import { writeModel } from '../model/store/write-model.js';
import type { Ratings, RatingsSplit } from '../ratings/ratings.js';
import type { JobOptions } from '../training/options.js';
import { ownCommand, shellWord } from './bundled-data.js';
import { Interruption, UsageError } from './exit-status.js';
import { givenFlags } from './given-flags.js';
import { interruptions } from './interruption.js';
import { keepSoFar, timeToDrop } from './keep-so-far.js';
import { asFlags } from './leaderboard-table.js';
import { progressOn } from './progress.js';
import { chooseSource, chooseTitles } from './rating-source.js';
import { readOptions } from './read-flags.js';
import { type SearchFlags, triedOptions } from './search-flags.js';
import { searchPlan } from './search-plan.js';
import { searchProgressOn } from './search-progress.js';
import { type BestTrial, jsonSearchReport, peopleSearchReport } from './search-report.js';
import { withTitles } from './titles.js';
import { unlessStopped } from './unless-stopped.js';
import { watching } from './watching.js';
import { withhold } from './withhold.js';

/**
 * Runs the trials, saves the best one's model, and reports progress. When stopped, rejects with an
 * `Interruption`, and keeps the best model so far if there is one.
 */
export async function runSearch(
  paths: readonly string[],
  flags: SearchFlags,
  command: Command,
): Promise<void> {
  const source = chooseSource('search', paths, flags.sql);
  if (flags.holdout === 0) {
    throw new UsageError('found --holdout 0; expected ratings to compare by; try --holdout 0.1');
  }
  // Wrong options fail here, before anything is read.
  const page = watching(flags, flags.output);
  const plan = searchPlan(flags, page.pausing());
  const stopped = interruptions();
  const newBest = bestSoFar<Chosen<keyof JobOptions>, DefaultTrialEvent>;
  const best = newBest();
  const { kept, dropped } = keepSoFar(stopped, () => best.finish() !== undefined);
  const isQuiet = flags.json === true || flags.quiet === true;
  const progress = progressOn(process.stderr, isQuiet);
  const searching = searchProgressOn(process.stderr, plan, isQuiet);
  // A line that is printed clears what both progress views draw.
  const terminal = {
    pause() {
      progress.pause();
      searching.pause();
    },
  };
  await checkWritable(flags.output);
  const titles = await chooseTitles(source, flags);
  let withheldNote: string | undefined;
  const report = flags.json
    ? jsonSearchReport(process.stdout)
    : peopleSearchReport(process.stdout, terminal, plan, {
        source: source.name,
        titles,
        withheldNote: () => withheldNote,
        nextCommands: (winner, modelPath) => nextCommands(command, winner, modelPath),
      });
  const columns = readOptions(flags);
  const ratings$ =
    source.sql === undefined ? fromFile(source.files, columns) : fromSql(source.sql, columns);
  let finished: SearchFinishedEvent<Chosen<keyof JobOptions>> | undefined;
  try {
    await page.open();
    progress.begin(`reading ${source.name}`);
    await unlessStopped(
      dropped,
      ratings$.pipe(
        map((ratings) => {
          const { input, note } = withhold(ratings, flags.holdout, flags.seed);
          withheldNote = note;
          return splitOf(input);
        }),
        plan.stage,
        endEarly(page.stop$, newBest),
        takeUntil(fromEvent(kept, 'abort')),
        tap((event) => {
          best.note(event);
          page.event(event);
          if (event.type === 'finished') finished = event;
          else report.event(event);
          searching.event(event);
        }),
      ),
    );
    terminal.pause();
    await timeToDrop(kept, progress, flags.output);
    // It was ended with a trial measured, if not by itself.
    finished ??= best.finish()!;
    const model = withTitles(finished.model!, titles);
    page.model(model);
    const { directory: path, bytes } = await writeModel(model, flags.output);
    report.event({ type: 'saved', path, bytes });
    if (kept.aborted) throw keptBest(kept.reason, finished.best, plan.varied, flags.output);
    report.saved({ ...finished, model }, flags.output);
    await page.stay(stopped);
  } catch (error) {
    await page.close(error);
    throw error;
  } finally {
    await page.close();
    terminal.pause();
  }
}

/** Throws if no rating could be withheld. */
function splitOf(input: Ratings | RatingsSplit): RatingsSplit {
  if ('test' in input) return input;
  throw new Error(
    'found no user with two ratings, so none to withhold; expected ratings to compare trials by; ' +
      'check the column of users (--user)',
  );
}

/** A search that was ended early, and saved the best model so far. */
function keptBest(
  { signal }: Interruption,
  { options, trial }: BestTrial,
  varied: Parameters<typeof asFlags>[1],
  modelPath: string,
): Interruption {
  return new Interruption(
    signal,
    `stopped; the best model so far, trial ${trial} (${asFlags(options, varied)}), is saved in ${modelPath}`,
  );
}

/** Flags of `search` that `train` lacks or reads in another way. */
const ownFlags = [
  'trials',
  'metric',
  'concurrency',
  'threads',
  'holdout',
  'output',
  'json',
  'quiet',
];

/** The training of all ratings with the best options, and a look at the model that was saved. */
function nextCommands(command: Command, { options }: BestTrial, modelPath: string): string[] {
  const same = givenFlags(command, [...ownFlags, ...triedOptions]);
  const tried = triedOptions.filter((name) => command.getOptionValueSource(name) === 'cli');
  const words = [...command.args, ...same].map(shellWord).join(' ');
  const output = shellWord(`${modelPath}-of-all`);
  return [
    `${ownCommand()} train ${words} ${asFlags(options, tried)} --no-holdout --output ${output}`,
    `${ownCommand()} info ${shellWord(modelPath)}`,
  ];
}
