import Table from 'cli-table3';
import type { EvaluationEvent, RatingsEvaluation } from '../../dataflow/evaluate.js';
import { listMetrics } from '../evaluation/metric-names.js';
import { escapeControls } from './escape-controls.js';
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
/** What metrics are called in print. */
const labels: Record<(typeof listMetrics)[number], string> = {
  recall: 'recall',
  precision: 'precision',
  ndcg: 'NDCG',
  map: 'MAP',
  mrr: 'MRR',
  hitRate: 'hit rate',
  auc: 'AUC',
  coverage: 'coverage',
};
const plainStyle = { head: [], border: [] };

/** Ranking figures of the model beside those of the most popular items. */
export function evaluationTable({ model, mostPopular }: EvaluationEvent): string {
  const table = new Table({
    head: ['', 'model', 'most popular', ''],
    colAligns: ['left', 'right', 'right', 'right'],
    style: { ...plainStyle, compact: true },
  });
  for (const k of model.k) {
    for (const metric of listMetrics) {
      const [ofModel, ofPopular] = [model[`${metric}@${k}`]!, mostPopular[`${metric}@${k}`]!];
      const label = `${labels[metric]}@${k}`;
      table.push([label, asFigure(ofModel), asFigure(ofPopular), asRatio(ofModel / ofPopular)]);
    }
  }
  if (model.auc !== undefined && mostPopular.auc !== undefined) {
    const ratio = asRatio(model.auc / mostPopular.auc);
    table.push(['AUC', asFigure(model.auc), asFigure(mostPopular.auc), ratio]);
  }
  return table.toString();
}

/** Errors of predicted ratings beside those of two kinds of mean. */
export function ratingsTable({ model, itemMean, globalMean }: RatingsEvaluation): string {
  const table = new Table({
    head: ['', 'model', 'item mean', 'global mean'],
    colAligns: ['left', 'right', 'right', 'right'],
    style: { ...plainStyle, compact: true },
  });
  for (const [name, error] of [
    ['RMSE', 'rmse'],
    ['MAE', 'mae'],
  ] as const) {
    table.push([name, ...[model, itemMean, globalMean].map((of) => asFigure(of[error]))]);
  }
  return table.toString();
}

function asRatio(ratio: number): string {
  if (!Number.isFinite(ratio)) return '';
  return ratio < 100 ? `×${ratio.toPrecision(3)}` : `×${asCount(ratio)}`;
}

/** More than fits a cell; cutting a title of a megabyte takes the table minutes. */
const maxCellCharacters = 400;

function cellText(text: string): string {
  return escapeControls(text.slice(0, maxCellCharacters));
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
    head: lists.map(({ heading }) => cellText(heading)),
    colWidths: lists.map(() => share),
    style: { ...plainStyle, compact: true },
  });
  const rowCount = Math.max(...lists.map(({ lines }) => lines.length));
  for (let row = 0; row < rowCount; row++) {
    table.push(
      lists.map(({ lines }, i) => {
        const line = lines[row];
        return line === undefined
          ? ''
          : `${line.figure.padStart(figureWidths[i]!)}  ${cellText(line.title)}`;
      }),
    );
  }
  return table.toString();
}
