import Table from 'cli-table3';
import type { EvaluationEvent } from '../../dataflow/evaluate.js';
import { asCount, asFigure } from './figures.js';

/** A list under a heading; every line is a figure and a title. */
export interface TitledList {
  readonly heading: string;
  readonly lines: readonly { readonly figure: string; readonly title: string }[];
}

/** Narrowest terminal in which two lists of titles stand side by side. */
const sideBySideColumns = 72;
/** A list needs no more than this. */
const listColumns = 50;
const plainStyle = { head: [], border: [] };

/** Ranking figures of the model beside those of the most popular items. */
export function evaluationTable({ model, mostPopular }: EvaluationEvent): string {
  const table = new Table({
    head: ['', 'model', 'most popular', ''],
    colAligns: ['left', 'right', 'right', 'right'],
    style: { ...plainStyle, compact: true },
  });
  const { k } = model;
  for (const [name, ofModel, ofPopular] of [
    [`recall@${k}`, model.recall, mostPopular.recall],
    [`precision@${k}`, model.precision, mostPopular.precision],
    [`NDCG@${k}`, model.ndcg, mostPopular.ndcg],
    [`MAP@${k}`, model.map, mostPopular.map],
  ] as const) {
    table.push([name, asFigure(ofModel), asFigure(ofPopular), asRatio(ofModel / ofPopular)]);
  }
  return table.toString();
}

function asRatio(ratio: number): string {
  if (!Number.isFinite(ratio)) return '';
  return ratio < 100 ? `×${ratio.toPrecision(3)}` : `×${asCount(ratio)}`;
}

/** Lists in boxes side by side, or one below the other in a narrow terminal; titles are cut to fit. */
export function listTable(lists: readonly TitledList[], columns: number): string {
  if (lists.length > 1 && columns < sideBySideColumns) {
    return lists.map((list) => listTable([list], columns)).join('\n');
  }
  const figureWidths = lists.map(({ lines }) =>
    Math.max(...lines.map(({ figure }) => figure.length), 0),
  );
  // A vertical line before each column and one at the end.
  const share = Math.min(listColumns, Math.floor((columns - 1) / lists.length) - 1);
  const table = new Table({
    head: lists.map(({ heading }) => heading),
    colWidths: lists.map(() => share),
    style: { ...plainStyle, compact: true },
  });
  const rowCount = Math.max(...lists.map(({ lines }) => lines.length));
  for (let row = 0; row < rowCount; row++) {
    table.push(
      lists.map(({ lines }, i) => {
        const line = lines[row];
        return line === undefined ? '' : `${line.figure.padStart(figureWidths[i]!)}  ${line.title}`;
      }),
    );
  }
  return table.toString();
}
