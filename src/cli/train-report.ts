import type { EvaluationEvent } from '../../dataflow/evaluate.js';
import type { SavedEvent } from '../../dataflow/save-model.js';
import type {
  FinishedEvent,
  StartedEvent,
  TrainingEvent,
} from '../../dataflow/training/training-event.js';
import { isCpuKernel } from '../kernels/select/choose-kernel.js';
import { adviceBehindPopular } from './advice-behind-popular.js';
import { ownCommand, shellWord } from './bundled-data.js';
import { columnsLines } from './columns-line.js';
import { escapeControls } from './escape-controls.js';
import { asCount, asPercent, asSeconds, counted } from './figures.js';
import { jsonLine, plainEvent } from './json-line.js';
import { gainPlot, lossPlot } from './loss-plot.js';
import { lossSettingsText } from './loss-settings-text.js';
import { type Paint, paintFor } from './paint.js';
import type { Progress } from './progress-view.js';
import { type Showcase, showcase } from './showcase.js';
import { evaluationTable, listTable, ratingsTable } from './tables.js';
import { keptTitlesText, type Titles } from './titles.js';
import { proseColumns, wrapText } from './wrap-text.js';

/** Output of `train` on stdout. */
export interface TrainReport {
  event(event: Exclude<TrainingEvent, FinishedEvent> | SavedEvent | EvaluationEvent): void;
  /** The last call: everything is done and the model is saved in `modelPath`. */
  saved(finished: FinishedEvent, modelPath: string): void;
}

/** One JSON object a line. `finished` comes when the model is saved, and says where. */
export function jsonReport(stream: NodeJS.WriteStream): TrainReport {
  return {
    event: (event) => void stream.write(jsonLine(plainEvent(event))),
    saved: (finished, modelPath) =>
      void stream.write(jsonLine({ ...plainEvent(finished), modelPath })),
  };
}

/** The subject of a report. */
export interface ReportSubject {
  /** Name of the source, for people. */
  readonly source: string;
  readonly titles: Titles;
  /** How ratings were withheld, if that needs a note; known once training has started. */
  readonly withheldNote: () => string | undefined;
}

/** The subject of a training's report. */
export interface TrainSubject extends ReportSubject {
  /** Why training ends before its last iteration; undefined where their number is given. */
  readonly stopReason: () => string | undefined;
}

/** Text, a plot and tables for people, as wide as the terminal. */
export function peopleReport(
  stream: NodeJS.WriteStream,
  progress: Progress,
  { source, titles, withheldNote, stopReason }: TrainSubject,
): TrainReport {
  const paint = paintFor(stream);
  const columns = stream.columns || 80;
  const losses: number[] = [];
  const gains: number[] = [];
  const print = (...lines: readonly string[]) => void stream.write(`${lines.join('\n')}\n`);
  const heading = (text: string) =>
    `\n${paint('bold', wrapText(text, { columns: proseColumns(stream) }))}`;
  let evaluation: EvaluationEvent | undefined;
  let started: StartedEvent | undefined;

  /** How many iterations the model has behind it, and why not more. */
  const endText = (iterations: number): string => {
    const count = counted(iterations, 'iteration');
    const most = started!.iterations;
    const isEarly = stopReason() !== undefined && losses.length < most;
    return isEarly ? `${count} of at most ${most}: ${stopReason()}` : count;
  };

  return {
    event(event) {
      if (event.type === 'evaluation') {
        evaluation = event;
        return;
      }
      // The last line says where the model is.
      if (event.type === 'saved') return;
      if (event.type === 'iteration') {
        losses.push(event.loss.total);
        const gain = event.validation?.['ndcg@20'];
        if (gain !== undefined) gains.push(gain);
      }
      if (event.type === 'started') {
        progress.pause();
        losses.push(...(event.resumed?.history ?? []).map(({ loss }) => loss.total));
        started = event;
        const rows = describeStart(event, { source, titles, withheldNote, stopReason });
        print(...labelledLines(rows, paint, proseColumns(stream)));
      }
      progress.training(event);
    },
    saved({ model, test, seconds, iterations }, modelPath) {
      progress.pause();
      for (const [name, plot] of [
        ['NDCG@20 on withheld ratings after every iteration', gainPlot(gains, columns)],
        ['loss after every iteration, log scale', lossPlot(losses, columns)],
      ] as const) {
        if (plot !== '') print(heading(name), plot);
      }
      if (evaluation !== undefined) {
        const withheld = counted(test?.byUser.columns.length ?? 0, 'withheld rating');
        print(
          heading(`ranking of ${withheld} among all items`),
          evaluationTable(evaluation, columns),
        );
        const advice = adviceBehindPopular(evaluation, started!);
        if (advice !== undefined) print(wrapText(advice, { columns: proseColumns(stream) }));
      }
      if (evaluation?.ratings !== undefined) {
        print(
          heading('errors of the predicted ratings, on the same'),
          ratingsTable(evaluation.ratings, columns),
        );
      }
      const shown = showcase(model, titles);
      if (shown.user !== undefined) print('', listTable(shown.user.lists, columns));
      if (shown.similar.lines.length > 0) print('', listTable([shown.similar], columns));
      print('');
      print(
        wrapText(
          `trained in ${asSeconds(seconds)}, ${endText(iterations)}; saved in ${paint('bold', modelPath)}` +
            `${keptTitlesText(model, titles)}; try next:`,
          { columns: proseColumns(stream) },
        ),
        ...nextCommands(modelPath, shown).map((line) => `  ${line}`),
      );
    },
  };
}

type Row = readonly [label: string, text: string];

/** Columns of the labels, as in the live display. */
const labelColumns = 12;

/**
 * Labelled lines in the columns of the live display.
 *
 * @param columns max columns of a line; `Infinity` keeps every text on one line
 */
export function labelledLines(rows: readonly Row[], paint: Paint, columns: number): string[] {
  return rows.map(([label, text]) => {
    const padded = label.padEnd(labelColumns);
    const line = wrapText(padded + escapeControls(text), { columns, indent: labelColumns });
    return paint('dim', padded) + line.slice(labelColumns);
  });
}

function describeStart(started: StartedEvent, subject: TrainSubject): Row[] {
  const { rank, solver, iterations } = started;
  const rows: Row[] = [...ratingRows(started, subject)];
  const most = subject.stopReason() === undefined ? '' : 'at most ';
  if (started.resumed !== undefined) {
    rows.push(['resumed', `after iteration ${started.resumed.iteration}`]);
  }
  rows.push(
    ['model', `rank ${rank}, ${most}${counted(iterations, 'iteration')} of ${solver}`],
    ['loss', lossSettingsText(started)],
    ['', started.settingsReason],
    ['runs on', `${started.placement}, ${kernelText(started)}`],
  );
  return rows;
}

/** The ratings read, and the withheld ones. */
export function ratingRows(
  started: StartedEvent,
  { source, titles, withheldNote }: ReportSubject,
): readonly Row[] {
  const { users, items, ratings, heldOut, leftOut, duplicates } = started;
  const all = ratings + heldOut;
  const rows: Row[] = [
    ['ratings', source],
    [
      '',
      `${asCount(all)} by ${counted(users, 'user')} of ${counted(items, 'item')}, ` +
        `${asPercent(all / (users * items))} dense`,
    ],
  ];
  for (const [at, line] of columnsLines(started).entries()) {
    rows.push([at === 0 ? 'columns' : '', line]);
  }
  if (duplicates.count > 0) {
    const { count, policy } = duplicates;
    rows.push(['', `${counted(count, 'duplicate rating')} merged, ${merging[policy]}`]);
  }
  rows.push(['titles', titles.source ?? 'none, items go by their ids (--titles)']);
  if (heldOut > 0) {
    rows.push(['withheld', `${asCount(heldOut)} to measure on, ${asPercent(heldOut / all)}`]);
  }
  if (leftOut.seen > 0) {
    rows.push(['', `left out ${counted(leftOut.seen, 'rating')} of pairs that are trained on too`]);
  }
  const note = withheldNote();
  if (note !== undefined) rows.push([heldOut > 0 ? '' : 'withheld', note]);
  return rows;
}

/** With the device, if one computes, and the reason for the choice among machines. */
function kernelText({ placement, kernel, kernelReason }: StartedEvent): string {
  const isPlain = isCpuKernel(kernel) && !placement.startsWith('nodes');
  return isPlain ? kernel : `${kernel} (${kernelReason})`;
}

const merging = {
  error: 'none',
  last: 'the last one counts',
  max: 'the highest one counts',
  mean: 'their mean counts',
  sum: 'their sum counts',
} as const;

function nextCommands(
  modelPath: string,
  { user, itemId }: Pick<Showcase, 'user' | 'itemId'>,
): string[] {
  const command = ownCommand();
  const model = shellWord(modelPath);
  return [
    ...(user === undefined
      ? []
      : [`${command} recommend ${model} --user ${shellWord(String(user.id))}`]),
    `${command} similar ${model} --item ${shellWord(String(itemId))}`,
  ];
}
