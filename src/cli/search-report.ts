import { asError } from '../../actors/as-error.js';
import type { SavedEvent } from '../../dataflow/save-model.js';
import type { SearchFinishedEvent, TrialResult } from '../../dataflow/search/search-event.js';
import type { Chosen } from '../../dataflow/search/search-trials.js';
import type { FactorModel } from '../model/factor-model.js';
import type { JobOptions } from '../training/options.js';
import { asFigure, counted } from './figures.js';
import { flagOf, inFlags } from './in-flags.js';
import { jsonLine, plainEvent } from './json-line.js';
import { asFlags, leaderboardTable } from './leaderboard-table.js';
import { paintFor } from './paint.js';
import type { Progress } from './progress-view.js';
import type { SearchNews, SearchPlan } from './search-plan.js';
import { keptTitlesText } from './titles.js';
import { labelledLines, type ReportSubject, ratingRows } from './train-report.js';
import { proseColumns, wrapText } from './wrap-text.js';

type Finished = SearchFinishedEvent<Chosen<keyof JobOptions>>;
export type BestTrial = TrialResult<Chosen<keyof JobOptions>>;

/** Output of `search` on stdout. */
export interface SearchReport {
  event(event: Exclude<SearchNews, Finished> | SavedEvent): void;
  /** The last call: every trial is done and the best model is saved in `modelPath`. */
  saved(finished: Finished & { readonly model: FactorModel }, modelPath: string): void;
}

/** One JSON object a line. `finished` comes when the model is saved, and says where. */
export function jsonSearchReport(stream: NodeJS.WriteStream): SearchReport {
  return {
    event: (event) => void stream.write(jsonLine(plainNews(event))),
    saved: ({ model: _model, failed, ...finished }, modelPath) => {
      const plainFailed = failed.map((trial) => ({ ...trial, error: plainError(trial.error) }));
      stream.write(jsonLine({ ...finished, failed: plainFailed, modelPath }));
    },
  };
}

function plainNews(event: Exclude<SearchNews, Finished> | SavedEvent): object {
  if (event.type === 'trial') return { ...event, event: plainEvent(event.event) };
  if (event.type === 'trial-failed') return { ...event, error: plainError(event.error) };
  return event;
}

function plainError(error: unknown): object {
  const { name, message } = asError(error);
  const code = error instanceof Error && 'code' in error ? { code: error.code } : {};
  return { name, ...code, message };
}

/** Lines of the leaderboard that are printed at the end. */
const maxLines = 20;

/** The searched options, the leaderboard and next steps, for people. */
export function peopleSearchReport(
  stream: NodeJS.WriteStream,
  progress: Pick<Progress, 'pause'>,
  { varied, metric }: SearchPlan,
  subject: ReportSubject & {
    readonly nextCommands: (best: BestTrial, modelPath: string) => readonly string[];
  },
): SearchReport {
  const paint = paintFor(stream);
  const columns = stream.columns || 80;
  const print = (...lines: readonly string[]) => void stream.write(`${lines.join('\n')}\n`);
  let trials = 0;
  let isDescribed = false;
  let popular: number | undefined;
  return {
    event(event) {
      if (event.type === 'search-started') trials = event.trials;
      if (event.type !== 'trial') return;
      if (event.event.type === 'evaluation') {
        const { mostPopular } = event.event;
        // Errors of ratings are no figures of lists.
        if (metric !== 'rmse' && metric !== 'mae') popular = mostPopular[metric];
      }
      if (event.event.type !== 'started' || isDescribed) return;
      isDescribed = true;
      progress.pause();
      const rows = [
        ...ratingRows(event.event, subject),
        [
          'search',
          `${counted(trials, 'trial')} of ${varied.map((name) => flagOf(name).slice(2)).join(', ')}, by ${metric}`,
        ] as const,
      ];
      print(...labelledLines(rows, paint, proseColumns(stream)), '');
    },
    saved({ best, trials: done, failed, model }, modelPath) {
      print(...leaderboardTable(done.slice(0, maxLines), varied, metric, columns));
      if (done.length > maxLines) print(`and ${counted(done.length - maxLines, 'trial')} behind`);
      if (popular !== undefined) print('', `the most popular items reach ${asFigure(popular)}`);
      for (const { options, error } of failed) {
        const text = `failed: ${asFlags(options, varied)}: ${inFlags(asError(error).message)}`;
        print('', wrapText(text, { columns: proseColumns(stream), indent: 2 }));
      }
      print(
        '',
        `the best is saved in ${paint('bold', modelPath)}` +
          `${keptTitlesText(model, subject.titles)}; try next:`,
        ...subject.nextCommands(best, modelPath).map((line) => `  ${line}`),
      );
    },
  };
}
