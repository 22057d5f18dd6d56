import Table from 'cli-table3';
import type { EvaluationEvent, RatingsEvaluation } from '../../dataflow/evaluate.js';
import { listMetrics } from '../evaluation/metric-names.js';
import { escapeControls } from './escape-controls.js';
import { asCount, asFigure } from './figures.js';
import { type FiguresColumn, figuresTable } from './figures-table.js';

/** A list under a heading; every line is a figure and a title. */
export interface TitledList {
  readonly heading: string;
  readonly lines: readonly { readonly figure: string; readonly title: string }[];
}

/** Narrowest terminal for two lists of titles side by side. */
const sideBySideColumns = 72;
/** Greatest useful width of a list. */
const listColumns = 50;
/** Printed names of metrics. */
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

/** Ranking figures of the model beside those of the most popular items. */
export function evaluationTable({ model, mostPopular }: EvaluationEvent, columns: number): string {
  const line = (label: string, ofModel: number, ofPopular: number) => [
    ...[label, asFigure(ofModel), asFigure(ofPopular), asRatio(ofModel / ofPopular)],
  ];
  const rows = model.k.flatMap((k) =>
    listMetrics.map((metric) =>
      line(`${labels[metric]}@${k}`, model[`${metric}@${k}`]!, mostPopular[`${metric}@${k}`]!),
    ),
  );
  if (model.auc !== undefined && mostPopular.auc !== undefined) {
    rows.push(line('AUC', model.auc, mostPopular.auc));
  }
  return figuresTable(named(['model', 'most popular', '']), rows, columns);
}

/** Errors of predicted ratings beside those of two kinds of mean. */
export function ratingsTable(
  { model, itemMean, globalMean }: RatingsEvaluation,
  columns: number,
): string {
  const line = (name: string, error: 'rmse' | 'mae') => [
    name,
    ...[model, itemMean, globalMean].map((of) => asFigure(of[error])),
  ];
  const rows = [line('RMSE', 'rmse'), line('MAE', 'mae')];
  return figuresTable(named(['model', 'item mean', 'global mean']), rows, columns);
}

/** A column of names without a head, and one of figures for each head. */
function named(heads: readonly string[]): FiguresColumn[] {
  const figures = heads.map((head) => ({ head, align: 'right' as const }));
  return [{ head: '', align: 'left' }, ...figures];
}

function asRatio(ratio: number): string {
  if (!Number.isFinite(ratio)) return '';
  return ratio < 100 ? `×${ratio.toPrecision(3)}` : `×${asCount(ratio)}`;
}

/**
 * More than fits a cell. It is cut here because the table takes minutes to cut a title of a
 * megabyte.
 */
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
    style: { head: [], border: [], compact: true },
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
