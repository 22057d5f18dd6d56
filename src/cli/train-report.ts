import type { EvaluationEvent } from '../../dataflow/evaluate.js';
import type { FinishedEvent, StartedEvent, TrainingEvent } from '../../dataflow/training-event.js';
import { ownCommand, shellWord } from './bundled-data.js';
import { asCount, asPercent, asSeconds, counted } from './figures.js';
import { jsonLine, plainEvent } from './json-line.js';
import { lossPlot } from './loss-plot.js';
import { paintFor } from './paint.js';
import type { Progress } from './progress.js';
import { showcase } from './showcase.js';
import { evaluationTable, listTable } from './tables.js';
import type { Titles } from './titles.js';

/** What `train` says on stdout. */
export interface TrainReport {
  event(event: Exclude<TrainingEvent, FinishedEvent> | EvaluationEvent): void;
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

/** Text, a plot and tables for people, as wide as the terminal. */
export function peopleReport(
  stream: NodeJS.WriteStream,
  progress: Progress,
  titles: Titles,
  source: string,
): TrainReport {
  const paint = paintFor(stream);
  const columns = stream.columns || 80;
  const losses: number[] = [];
  const print = (...lines: readonly string[]) => void stream.write(`${lines.join('\n')}\n`);
  const heading = (text: string) => `\n${paint('bold', text)}`;
  let evaluation: EvaluationEvent | undefined;

  return {
    event(event) {
      if (event.type === 'evaluation') {
        evaluation = event;
        return;
      }
      if (event.type === 'iteration') losses.push(event.loss.total);
      if (event.type === 'started') {
        progress.pause();
        print(...describeStart(event, source, titles), '');
      }
      progress.training(event);
    },
    saved({ model, test, seconds }, modelPath) {
      progress.pause();
      const plot = lossPlot(losses, columns);
      if (plot !== '') print(heading('loss after every iteration'), plot);
      if (evaluation !== undefined) {
        const withheld = counted(test?.byUser.columns.length ?? 0, 'withheld rating');
        print(heading(`ranking of ${withheld} among all items`), evaluationTable(evaluation));
      }
      const shown = showcase(model, titles);
      print('', listTable(shown.forUser, columns), '', listTable([shown.similar], columns), '');
      print(
        `trained in ${asSeconds(seconds)}, saved in ${paint('bold', modelPath)}; try next:`,
        ...nextCommands(modelPath, titles, shown).map((line) => `  ${line}`),
      );
    },
  };
}

function describeStart(started: StartedEvent, source: string, titles: Titles): string[] {
  const { users, items, ratings, heldOut, duplicates, rank, solver, iterations } = started;
  const all = ratings + heldOut;
  const lines = [
    `${source}: ${counted(all, 'rating')} of ${counted(items, 'item')} by ${counted(users, 'user')}, ` +
      `${asPercent(all / (users * items))} of the cells`,
  ];
  if (duplicates.count > 0) {
    lines.push(
      `${asCount(duplicates.count)} more of pairs already rated were merged: ${merging[duplicates.policy]}`,
    );
  }
  lines.push(
    titles.file === undefined ? 'no titles: items go by their ids' : `titles from ${titles.file}`,
  );
  if (heldOut > 0)
    lines.push(`${asPercent(heldOut / all)} of the ratings are withheld to measure on`);
  lines.push(
    `rank ${rank}, ${counted(iterations, 'iteration')} of ${solver}, ${started.kernel} on ${started.placement}`,
  );
  return lines;
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
  titles: Titles,
  { userId, itemId }: { readonly userId: unknown; readonly itemId: unknown },
): string[] {
  const command = ownCommand();
  const model = shellWord(modelPath);
  const tail = titles.file === undefined ? '' : ` --titles ${shellWord(titles.file)}`;
  return [
    `${command} recommend ${model} --user ${shellWord(String(userId))}${tail}`,
    `${command} similar ${model} --item ${shellWord(String(itemId))}${tail}`,
  ];
}
