import type { TrialResult } from '../../dataflow/search/search-event.js';
import type { MetricName } from '../evaluation/metric-names.js';
import { asFigure, asSeconds } from './figures.js';
import { type FiguresColumn, plainTable } from './figures-table.js';
import { flagOf } from './in-flags.js';
import type { TriedOption } from './search-flags.js';
import { wrapText } from './wrap-text.js';

/** A trial with known options, as values by name. */
export type ShownTrial = Pick<TrialResult<unknown>, 'trial' | 'score' | 'seconds'> & {
  readonly options: Readonly<Partial<Record<TriedOption, unknown>>>;
};

/**
 * Trials in the order given, with what they tried, one a line:
 *
 *         ndcg@20  rank  regularization  trained in
 *     1.   0.2543    64              10     1.240 s
 *
 * Where that does not fit, options stand as flags, and go on below:
 *
 *         ndcg@20  options
 *     1.   0.2543  --rank 64 --regularization 10
 *                  --alpha 5
 */
export function leaderboardTable(
  trials: readonly ShownTrial[],
  varied: readonly TriedOption[],
  metric: MetricName,
  columns: number,
): string[] {
  const names = varied.map((name) => flagOf(name).slice(2));
  const heads = ['', metric, ...names, 'trained in'];
  const rows = trials.map(({ score, options, seconds }, i) => [
    ...[`${i + 1}.`, asFigure(score)],
    ...varied.map((name) => String(options[name])),
    asSeconds(seconds),
  ]);
  const lines = plainTable(rightAligned(heads), rows).split('\n');
  if (lines.every((line) => line.length <= columns)) return lines;
  const scores = trials.map(({ score }, i) => [`${i + 1}.`, asFigure(score)]);
  const [head, ...starts] = plainTable(rightAligned(['', metric]), scores).split('\n');
  const indent = head!.length + 2;
  return [
    `${head}  options`,
    ...starts.flatMap((start, i) => {
      const text = `${start}  ${flagWords(trials[i]!.options, varied).join(' ')}`;
      return wrapText(text, { columns, indent }).replaceAll(noBreak, ' ').split('\n');
    }),
  ];
}

function rightAligned(heads: readonly string[]): FiguresColumn[] {
  return heads.map((head) => ({ head, align: 'right' }));
}

/** The options of a trial as they are typed: `--rank 64 --regularization 10`. */
export function asFlags(options: ShownTrial['options'], varied: readonly TriedOption[]): string {
  return flagWords(options, varied).join(' ').replaceAll(noBreak, ' ');
}

/** Holds a flag and its value together; no space of a text, for `wrapText`. */
const noBreak = '\u2060';

function flagWords(options: ShownTrial['options'], varied: readonly TriedOption[]): string[] {
  return varied.map((name) => `${flagOf(name)}${noBreak}${options[name]}`);
}
